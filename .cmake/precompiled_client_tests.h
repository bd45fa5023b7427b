// The same for the tests that talk to a server.
#include ".cmake/precompiled_tests.h"
#include "clients/cpp/client.h"
