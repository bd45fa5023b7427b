// Builds requests from what people typed, and finds every mistake before anything is sent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/verbs.h"
#include "google/protobuf/message.h"
#include "services/base/errors.h"

namespace zhuxiao::cli {

// Values as typed, by option name without dashes; an option given twice has two.
using Arguments = std::map<std::string, std::vector<std::string>, std::less<>>;

// The last value of an option, empty where it is not given.
std::string TextOption(const Arguments& arguments, std::string_view name);

// An option as it is typed: "--units", or "listing_id" for one without dashes.
std::string ShownName(const google::protobuf::Descriptor& message, const OptionSpec& option);

// A new message of the type a method takes, or gives.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

// Sets the fields of `message` that `options` name from `arguments`, and returns those set. Adds to `errors` each
// option that is wrong or required and missing; names in `arguments` that are no options are ignored.
std::vector<const OptionSpec*> Fill(google::protobuf::Message& message, const std::vector<OptionSpec>& options,
                                    const Arguments& arguments, base::FieldErrors& errors);

// The request of `verb` with its fields set from `arguments` as by Fill, and its update_mask where it has one.
std::unique_ptr<google::protobuf::Message> BuildRequest(const VerbSpec& verb, const Arguments& arguments,
                                                        base::FieldErrors& errors);

}  // namespace zhuxiao::cli
