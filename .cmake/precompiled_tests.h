// The same for the tests, with the headers of GoogleTest.
#include ".cmake/precompiled.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
