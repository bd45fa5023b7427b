// Personal data: every message that any method answers is filled to the brim by reflection and read by every role; what
// is marked is masked for who is not named, and nothing else changes.
#include "services/base/personal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "services/base/strings.h"
#include "zhuxiao/audit/v1/audit.pb.h"
#include "zhuxiao/common/v1/personal.pb.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::base {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr const char* kServices[] = {"directory", "listing", "quota",  "order", "matching",
                                     "partner",   "reward",  "report", "stall", "audit"};
constexpr int kMaxDepth = 6;
const std::string kText = "张三 13800000000";

const google::protobuf::ServiceDescriptor& ServiceOf(std::string name) {
  const std::string package = name;
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      StrCat("zhuxiao.", package, ".v1.", name, "Service"));
  EXPECT_NE(service, nullptr) << name;
  return *service;
}

// How many ways there are to fill the oneofs of a message.
int VariantsOf(const Descriptor& type) {
  int variants = 1;
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    variants = std::max(variants, type.oneof_decl(i)->field_count());
  }
  return variants;
}

// Sets every text field, one element of every list and of each oneof the member `variant`, as deep as messages go.
void Fill(Message& message, int depth, int variant) {
  const Descriptor& type = *message.GetDescriptor();
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->is_map()) continue;
    const auto* oneof = field->real_containing_oneof();
    if (oneof != nullptr && field->index_in_oneof() != variant % oneof->field_count()) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && field->type() != FieldDescriptor::TYPE_BYTES) {
      field->is_repeated() ? reflection.AddString(&message, field, kText)
                           : reflection.SetString(&message, field, kText);
    } else if (field->message_type() != nullptr && depth < kMaxDepth) {
      Fill(field->is_repeated() ? *reflection.AddMessage(&message, field) : *reflection.MutableMessage(&message, field),
           depth + 1, variant);
    }
  }
}

// Compares what a role is told with what there is, field by field; counts the marked ones.
int Compare(const Message& told, const Message& whole, Role role, const std::string& path) {
  int marked = 0;
  const auto& reflection = *whole.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(whole, &fields);
  std::vector<const FieldDescriptor*> told_fields;
  told.GetReflection()->ListFields(told, &told_fields);
  EXPECT_EQ(fields, told_fields) << path;
  for (const FieldDescriptor* field : fields) {
    const std::string here = StrCat(path, ".", field->name());
    const int size = field->is_repeated() ? reflection.FieldSize(whole, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->message_type() != nullptr) {
        marked += field->is_repeated() ? Compare(told.GetReflection()->GetRepeatedMessage(told, field, i),
                                                 reflection.GetRepeatedMessage(whole, field, i), role, here)
                                       : Compare(told.GetReflection()->GetMessage(told, field),
                                                 reflection.GetMessage(whole, field), role, here);
        continue;
      }
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
      const std::string text = field->is_repeated() ? told.GetReflection()->GetRepeatedString(told, field, i)
                                                    : told.GetReflection()->GetString(told, field);
      const bool is_marked = field->options().HasExtension(common::v1::personal);
      const auto& seen_by = field->options().GetExtension(common::v1::personal).seen_by();
      const bool is_seen = !is_marked || std::find(seen_by.begin(), seen_by.end(), role) != seen_by.end();
      EXPECT_EQ(text, is_seen ? kText : "张**") << here << " by " << common::v1::Role_Name(role);
      marked += is_marked;
    }
  }
  return marked;
}

std::unique_ptr<Message> New(const Descriptor& type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

TEST(PersonalTest, EveryAnswerOfEveryMethodToEveryRole) {
  // Its proto imports all others but that of reports: naming it links them in.
  ASSERT_NE(audit::v1::Event::descriptor(), nullptr);
  int marked = 0;
  for (const char* name : kServices) {
    const auto& service = ServiceOf(name);
    for (int i = 0; i < service.method_count(); ++i) {
      const Descriptor& type = *service.method(i)->output_type();
      int found = 0;
      for (int variant = 0; variant < VariantsOf(type); ++variant) {
        const auto whole = New(type);
        Fill(*whole, 0, variant);
        for (int role = common::v1::Role_MIN; role <= common::v1::Role_MAX; ++role) {
          const auto told = New(type);
          told->CopyFrom(*whole);
          MaskPersonal(*told, static_cast<Role>(role));
          EXPECT_EQ(HasHidden(*whole, static_cast<Role>(role)), told->SerializeAsString() != whole->SerializeAsString())
              << type.full_name() << " to " << common::v1::Role_Name(role);
          EXPECT_FALSE(HasHidden(*New(type), static_cast<Role>(role)));
          found += Compare(*told, *whole, static_cast<Role>(role), type.full_name());
        }
      }
      EXPECT_EQ(found > 0, HoldsPersonal(type)) << type.full_name();
      marked += found;
    }
  }
  EXPECT_GT(marked, 0) << "nothing is marked at all";
}

// Fields whose very name says whom they are about must be marked: who adds one hears of it here.
TEST(PersonalTest, WhatIsCalledAfterAPersonIsMarked) {
  // Names of organisations, goods and accounts.
  const std::set<std::string> kOfThings = {"zhuxiao.directory.v1.Organisation.name", "zhuxiao.audit.v1.Account.name",
                                           "zhuxiao.reward.v1.ClaimDocument.name"};
  std::set<const Descriptor*> seen;
  std::vector<const Descriptor*> open;
  for (const char* name : kServices) {
    const auto& service = ServiceOf(name);
    for (int i = 0; i < service.method_count(); ++i) open.push_back(service.method(i)->output_type());
  }
  int named = 0;
  while (!open.empty()) {
    const Descriptor* type = open.back();
    open.pop_back();
    if (!seen.insert(type).second) continue;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      if (field.message_type() != nullptr) open.push_back(field.message_type());
      const std::set<std::string> kWords = {"name", "contact", "reporter", "phone", "telephone", "id_card"};
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING || !kWords.contains(field.name())) continue;
      if (kOfThings.contains(field.full_name())) continue;
      ++named;
      EXPECT_TRUE(field.options().HasExtension(common::v1::personal)) << field.full_name();
    }
  }
  EXPECT_GE(named, 5);
}

TEST(PersonalTest, AStatementsNameIsMaskedForEverybodyAndMaskingTwiceChangesNothing) {
  report::v1::GetHouseholdStatementResponse statement;
  statement.set_name("张三");
  MaskPersonal(statement, Role::ROLE_OPERATOR);
  EXPECT_EQ(statement.name(), "张**");
  MaskPersonal(statement, Role::ROLE_OPERATOR);
  EXPECT_EQ(statement.name(), "张**");
  EXPECT_EQ(MaskText(""), "");
}

}  // namespace
}  // namespace zhuxiao::base
