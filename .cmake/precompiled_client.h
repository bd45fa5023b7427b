// The same for what talks to a server: the stubs of all its services.
#include ".cmake/precompiled.h"
#include "clients/cpp/client.h"
