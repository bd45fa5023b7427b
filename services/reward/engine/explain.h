// A policy told in words, generated from its data, so that what an officer reads is what is computed.
#pragma once

#include <string>

#include "services/reward/engine/policy.h"

namespace zhuxiao::reward::engine {

// A few lines of text, each with its line break.
std::string ExplainInChinese(const Policy& policy);
std::string ExplainInEnglish(const Policy& policy);

}  // namespace zhuxiao::reward::engine
