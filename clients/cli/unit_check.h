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

  // Adds to `errors` each quantity of `arguments` whose unit does not fit its commodity: the one named beside its field
  // in `request`, which was filled from them, or beside its key in the same option; where neither names one, that of a
  // contract the request names. A commodity or contract the server does not know is left to the call itself. Errors:
  // what the server answered where it could not be asked.
  absl::Status Check(const google::protobuf::Message& request, const std::vector<OptionSpec>& options,
                     const Arguments& arguments, base::FieldErrors& errors);

 private:
  // What the commodity is; without a code where there is none.
  absl::StatusOr<directory::v1::Commodity> Find(const std::string& code);
  // What is wrong with the unit of `text` in `field`, where it fits none of the commodities, or "".
  absl::StatusOr<std::string> FaultOf(const google::protobuf::FieldDescriptor& field, const std::string& text,
                                      const std::vector<std::string>& codes);
  // The same for the quantities in a message typed as "key=value,key=value".
  absl::StatusOr<std::string> FaultOfPairs(const google::protobuf::FieldDescriptor& field, const std::string& text,
                                           const google::protobuf::Message& request);
  // The commodities of the contracts that `request` names.
  absl::StatusOr<std::vector<std::string>> CommoditiesOfContracts(const google::protobuf::Message& request);

  const client::Client& client_;
  std::map<std::string, directory::v1::Commodity> known_;
};

}  // namespace zhuxiao::cli
