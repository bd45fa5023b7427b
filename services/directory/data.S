/* The CSV files that ship with the product, put into the binary as they are: a server then needs no path to find them
   by, and cannot start with the data of another version. The assembler does it in no time, where a generated source of
   200 KB would be compiled. */
  .section .rodata

  .global zhuxiao_counties_csv_begin
  .global zhuxiao_counties_csv_end
zhuxiao_counties_csv_begin:
  .incbin "counties.csv"
zhuxiao_counties_csv_end:

  .global zhuxiao_commodities_csv_begin
  .global zhuxiao_commodities_csv_end
zhuxiao_commodities_csv_begin:
  .incbin "commodities.csv"
zhuxiao_commodities_csv_end:

  .section .note.GNU-stack, "", %progbits
