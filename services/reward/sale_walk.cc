// Walks over sales.
#include "services/reward/sale_walk.h"

#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/store/keys.h"
#include "services/store/page.h"

namespace zhuxiao::reward {

using store::Key;

absl::StatusOr<v1::OnlineSale> ParseSale(const store::KeyValue& row) {
  v1::OnlineSale sale;
  if (!sale.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
  return sale;
}

absl::Status ForEachSaleOf(store::Reader& reader, std::string_view claimant_uscc,
                           const std::function<absl::Status(v1::OnlineSale&)>& visit) {
  return store::WalkAll(reader, Key(kSaleTable, claimant_uscc, ""), [&](const store::KeyValue& row) -> absl::Status {
    auto sale = ParseSale(row);
    return sale.ok() ? visit(*sale) : sale.status();
  });
}

absl::Status ForEachSellerIn(store::Reader& reader, std::string_view jurisdiction,
                             const std::function<absl::Status(const std::string&)>& visit) {
  const std::string table = Key(kSaleTable, "");
  for (std::string begin = table;;) {
    auto rows = reader.Scan(begin, store::PrefixEnd(table), 1);
    if (!rows.ok()) return rows.status();
    if (rows->empty()) return absl::OkStatus();
    const std::string& key = rows->front().key;
    const std::string claimant = key.substr(table.size(), key.find('/', table.size()) - table.size());
    auto firm = directory::GetOrganisation(reader, claimant);
    if (!firm.ok()) return firm.status();
    if (Covers(jurisdiction, firm->region_code())) {
      if (absl::Status status = visit(claimant); !status.ok()) return status;
    }
    begin = store::PrefixEnd(Key(kSaleTable, claimant, ""));
  }
}

}  // namespace zhuxiao::reward
