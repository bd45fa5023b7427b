// Records and cells of a CSV file, whatever they mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "services/round_files/csv_file.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"

namespace zhuxiao::round_files {
namespace {

using testing::ElementsAre;
using testing::Pair;

class CsvFileTest : public testing::Test {
 protected:
  std::string Path() const { return directory_.path() + "/a.csv"; }
  void Put(const std::string& text) { std::ofstream(Path(), std::ios::binary) << text; }

  ScratchDirectory directory_;
};

TEST_F(CsvFileTest, ABadRecordDoesNotSpoilThoseAfterIt) {
  Put("1,a\"b\n2,x\n3,\"a\nb\",c\n5," + std::string(kMaxRecordBytes + 1, 'x') + "\n6,\"open\n7,y\n");
  auto file = CsvFile::Open(Path());
  ASSERT_TRUE(file.ok());
  std::vector<std::pair<int64_t, std::string>> records;  // line, and first cell or what is wrong
  while (file->Next()) {
    records.emplace_back(file->line(), file->error().empty() ? std::string(file->cells()[0]) : "bad");
  }
  EXPECT_THAT(records,
              ElementsAre(Pair(1, "bad"), Pair(2, "2"), Pair(3, "3"), Pair(5, "bad"), Pair(6, "bad"), Pair(7, "7")));
}

// Cells of any bytes, written by the rules, come back whole wherever the buffer ends.
TEST_F(CsvFileTest, ReadsBackCellsOfAnyBytesAcrossItsBuffer) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "ZHUXIAO_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  std::vector<std::vector<std::string>> rows(20'000);
  std::string text;
  for (auto& row : rows) {
    for (int cell = 0; cell < 3; ++cell) {
      std::string value(random() % 60, ' ');
      for (char& c : value) c = "ab,\"\r\n "[random() % 7];
      std::string quoted = "\"";
      for (const char c : value) quoted.append(c == '"' ? 2 : 1, c);
      row.push_back(value);
      text += quoted + (cell < 2 ? "\"," : "\"\r\n");
    }
  }
  Put(text);
  auto file = CsvFile::Open(Path());
  ASSERT_TRUE(file.ok());
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_TRUE(file->Next()) << i;
    ASSERT_EQ(file->error(), "") << i;
    ASSERT_EQ(std::vector<std::string>(file->cells().begin(), file->cells().end()), rows[i]) << i;
  }
  EXPECT_FALSE(file->Next());
}

}  // namespace
}  // namespace zhuxiao::round_files
