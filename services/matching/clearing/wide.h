// Marks loops worth compiling for wider vectors too. Which variant runs is chosen at run time by what the machine has;
// all round alike, since the compiler is told to contract and reorder nothing but maxima.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#define ZHUXIAO_HAS_WIDE 1
// Compiled twice by the compiler itself.
#define ZHUXIAO_WIDE __attribute__((target_clones("avx2", "default")))
// The variant beside one written for wide vectors.
#define ZHUXIAO_PORTABLE __attribute__((target("default")))
#else
#define ZHUXIAO_HAS_WIDE 0
#define ZHUXIAO_WIDE
#define ZHUXIAO_PORTABLE
#endif
