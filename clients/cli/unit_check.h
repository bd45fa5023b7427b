// Holds quantities as they were typed against what their commodity is counted in: 1,500 pieces of eggs that are sold by
// weight are no 1,500 grams. The server cannot see it, for it is sent base units.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/request.h"
#include "clients/cpp/client.h"

namespace zhuxiao::cli {

// Asks for each commodity once. Not thread-safe.
class UnitCheck {
 public:
  // `client` outlives the object.
  explicit UnitCheck(const client::Client& client) : client_(client) {}

  // Adds to `errors` each quantity of `arguments` whose unit does not fit the commodity named beside its field in
  // `request`, which was filled from them. A commodity the server does not know is left to the call itself. Errors:
  // what the server answered where it could not be asked.
  absl::Status Check(const google::protobuf::Message& request, const std::vector<OptionSpec>& options,
                     const Arguments& arguments, base::FieldErrors& errors);

 private:
  // What the commodity is; without a code where there is none.
  absl::StatusOr<directory::v1::Commodity> Find(const std::string& code);

  const client::Client& client_;
  std::map<std::string, directory::v1::Commodity> known_;
};

}  // namespace zhuxiao::cli
