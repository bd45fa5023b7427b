#include "services/base/ids.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace zhuxiao::base {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// RAND_bytes takes a lock and costs a microsecond or more; a block for each thread spreads that over 64 calls.
struct Block {
  std::array<uint64_t, 64> words;
  size_t next = words.size();
};

}  // namespace

uint64_t SystemRandom::Next() {
  thread_local Block block;
  if (block.next == block.words.size()) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(block.words.data()), sizeof(block.words)) != 1) std::abort();
    block.next = 0;
  }
  return block.words[block.next++];
}

std::string NewId(absl::Time now, Random& random) {
  std::string id(26, '0');
  uint64_t millis = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (int i = 9; i >= 0; --i, millis >>= 5) id[i] = kCrockford[millis & 31];
  uint64_t bits = random.Next();
  for (int i = 10; i < 18; ++i, bits >>= 5) id[i] = kCrockford[bits & 31];
  bits = random.Next();
  for (int i = 18; i < 26; ++i, bits >>= 5) id[i] = kCrockford[bits & 31];
  return id;
}

std::string FollowingId(std::string id) {
  for (size_t i = id.size(); i-- > 0;) {
    const size_t value = kCrockford.find(id[i]);
    if (value + 1 < kCrockford.size()) {
      id[i] = kCrockford[value + 1];
      break;
    }
    id[i] = kCrockford.front();
  }
  return id;
}

bool IsValidId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdLength && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace zhuxiao::base
