// The same for what works on the records of the modules: an event may hold each of them.
#include ".cmake/precompiled.h"
#include "zhuxiao/audit/v1/audit.pb.h"
