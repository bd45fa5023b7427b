// Personal data in messages, by the proto's own marks (zhuxiao/common/v1/personal.proto): what a role may not be told
// in full is masked here and nowhere else. Which rows a caller sees is not decided here.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "services/base/caller.h"

namespace zhuxiao::base {

// `text` for those who may not see it: the first character and "**"; "" stays "". Masking twice changes nothing more.
std::string MaskText(std::string_view text);

// True where a message of this type may hold a marked field, itself or in a message inside it. Thread-safe.
bool HoldsPersonal(const google::protobuf::Descriptor& type);

// True where such a field is one that `role` is not named for. Thread-safe; remembered.
bool HidesFrom(const google::protobuf::Descriptor& type, Role role);

// True where such a field is set in `message` or in a message inside it, so that it has to be masked. Thread-safe.
bool HasHidden(const google::protobuf::Message& message, Role role);

// Masks every marked field of `message`, and of messages inside it, that `role` is not named for.
void MaskPersonal(google::protobuf::Message& message, Role role);

}  // namespace zhuxiao::base
