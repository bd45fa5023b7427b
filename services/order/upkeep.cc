#include "services/order/upkeep.h"

#include "services/order/records.h"

namespace zhuxiao::order {
namespace {

absl::StatusOr<std::vector<std::string>> LastParts(absl::StatusOr<std::vector<store::KeyValue>> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<std::string> ids;
  for (const store::KeyValue& row : *rows) ids.push_back(row.key.substr(row.key.rfind('/') + 1));
  return ids;
}

// Rows of a due table up to `now`; '~' sorts after every id.
absl::StatusOr<std::vector<std::string>> Due(store::Reader& reader, std::string_view table, absl::Time now,
                                             size_t limit) {
  return LastParts(reader.Scan(store::Key(table, ""), store::Key(table, store::OrderedTime(now), "~"), limit));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> DueContracts(store::Reader& reader, absl::Time now, size_t limit) {
  return Due(reader, kContractDue, now, limit);
}

absl::StatusOr<std::vector<std::string>> DueOrders(store::Reader& reader, absl::Time now, size_t limit) {
  return Due(reader, kStandingDue, now, limit);
}

absl::StatusOr<std::vector<std::string>> StandingOrders(store::Reader& reader, const std::string& commodity,
                                                        const std::string& after, size_t limit) {
  const std::string prefix = store::Key(kStanding, commodity, "");
  const std::string begin = after.empty() ? prefix : store::Key(kStanding, commodity, after) + '\0';
  return LastParts(reader.Scan(begin, store::PrefixEnd(prefix), limit));
}

}  // namespace zhuxiao::order
