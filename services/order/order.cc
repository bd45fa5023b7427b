#include "services/order/order.h"

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/order/records.h"
#include "services/store/page.h"

namespace zhuxiao::order {
namespace {

template <typename Message>
absl::StatusOr<Message> Parse(std::string_view kind, std::string_view id, const std::string& row) {
  Message message;
  if (!message.ParseFromString(row)) return base::DataLoss(base::StrCat(kind, " ", id, " cannot be read"));
  return message;
}

template <typename Message>
absl::StatusOr<Message> Fetch(store::Reader& reader, std::string_view table, std::string_view kind,
                              std::string_view id) {
  auto row = reader.Get(store::Key(table, id));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound(kind, id);
  return Parse<Message>(kind, id, **row);
}

template <typename Message>
absl::Status ForEachRow(store::Reader& reader, std::string_view table,
                        const std::function<absl::Status(const Message&)>& visit) {
  return store::WalkAll(reader, store::Key(table, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto message = Parse<Message>(table, row.key, row.value);
    return message.ok() ? visit(*message) : message.status();
  });
}

}  // namespace

absl::StatusOr<v1::Order> GetOrder(store::Reader& reader, std::string_view order_id) {
  return Fetch<v1::Order>(reader, kOrderTable, "order", order_id);
}

absl::StatusOr<v1::Contract> GetContract(store::Reader& reader, std::string_view contract_id) {
  return Fetch<v1::Contract>(reader, kContractTable, "contract", contract_id);
}

absl::Status ForEachOrder(store::Reader& reader, const std::function<absl::Status(const v1::Order&)>& visit) {
  return ForEachRow<v1::Order>(reader, kOrderTable, visit);
}

absl::Status ForEachContract(store::Reader& reader, const std::function<absl::Status(const v1::Contract&)>& visit) {
  return ForEachRow<v1::Contract>(reader, kContractTable, visit);
}

absl::Status ForEachContractOf(store::Reader& reader, std::string_view uscc,
                               const std::function<absl::Status(const v1::Contract&)>& visit) {
  return store::WalkAll(reader, store::Key(kContractByParty, uscc, ""),
                        [&](const store::KeyValue& row) -> absl::Status {
                          auto contract = GetContract(reader, row.key.substr(row.key.rfind('/') + 1));
                          return contract.ok() ? visit(*contract) : contract.status();
                        });
}

absl::Status ForEachContractUnderWay(store::Reader& reader, std::string_view supplier_uscc,
                                     const std::function<absl::Status(const v1::Contract&)>& visit) {
  return store::WalkAll(
      reader, store::Key(kContractByParty, supplier_uscc, ""), [&](const store::KeyValue& row) -> absl::Status {
        if (row.value == kOver) return absl::OkStatus();
        auto contract = GetContract(reader, row.key.substr(row.key.rfind('/') + 1));
        if (!contract.ok()) return contract.status();
        return IsOver(*contract) || contract->supplier_uscc() != supplier_uscc ? absl::OkStatus() : visit(*contract);
      });
}

absl::StatusOr<std::string> FindMarks(store::Reader& reader, const store::PageRequest& page,
                                      std::vector<store::KeyValue>& marks) {
  const std::string prefix = store::Key(kContractByParty, "");
  return store::WalkPage(reader, prefix, page, [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
    if (row.value == kOver) return false;
    auto contract = GetContract(reader, row.key.substr(row.key.rfind('/') + 1));
    if (!contract.ok()) return contract.status();
    if (IsOver(*contract) && row.key == SupplierKey(*contract)) marks.push_back({row.key, std::string(kOver)});
    return true;
  });
}

absl::Status ForEachSettledContract(store::Reader& reader, std::string_view supplier_uscc, int year,
                                    const std::function<absl::Status(const v1::Contract&)>& visit) {
  const std::string prefix = store::Key(kSettled, supplier_uscc, absl::StrFormat("%04d", year), "");
  return store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    auto contract = GetContract(reader, row.key.substr(row.key.rfind('/') + 1));
    return contract.ok() ? visit(*contract) : contract.status();
  });
}

}  // namespace zhuxiao::order
