// The same for the tests, with the headers of GoogleTest.
#include ".cmake/precompiled_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
