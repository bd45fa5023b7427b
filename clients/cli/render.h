// Answers for people: a block of labelled values for one thing, a table for many, in the chosen language.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "clients/cli/catalogue.h"
#include "google/protobuf/message.h"
#include "zhuxiao/directory/v1/directory.pb.h"

namespace zhuxiao::cli {

// Tells of a commodity by its code; an empty one where it is not known.
using CommoditySource = std::function<directory::v1::Commodity(const std::string& commodity_code)>;

// Draws messages. Asks `commodities` about each commodity whose quantities it shows. Not thread-safe.
class Renderer {
 public:
  Renderer(Language language, CommoditySource commodities)
      : language_(language), commodities_(std::move(commodities)) {}

  // A whole answer: its messages as blocks, its lists as tables, its other fields as lines, and how to get the next
  // page where there is one.
  std::string Response(const google::protobuf::Message& response);

  // The rows of a repeated message field as a table, with the columns people look for in such a list.
  std::string Rows(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                   size_t indent = 0);

  // One value as text, without its label: money in yuan, times in Shanghai, enums by name.
  std::string Value(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

 private:
  std::string Block(const google::protobuf::Message& message, size_t indent);
  std::string ListItem(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field, int i);
  std::string Quantity(const google::protobuf::FieldDescriptor& field, int64_t base) const;
  void Notice(const google::protobuf::Message& message);

  Language language_;
  CommoditySource commodities_;
  directory::v1::Commodity commodity_;  // the one seen last
};

// The columns of a message in a list, as paths; all plain fields where nothing else is said.
std::vector<std::string> ColumnsOf(const google::protobuf::Descriptor& type);

// The label of a field: "field.NAME" of the catalogue.
std::string LabelOf(Language language, const google::protobuf::FieldDescriptor& field);

}  // namespace zhuxiao::cli
