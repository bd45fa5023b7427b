#include "services/server/upgrade.h"

#include <array>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/listing/listing.h"
#include "services/order/order.h"
#include "services/store/page.h"
#include "services/store/run_transaction.h"

namespace zhuxiao::server {
namespace {

// One row: the version. No table of a module is called so.
constexpr const char* kVersionKey = "rows_version";

// Rows read for one piece: some milliseconds, so that deadlines do not wait for it.
constexpr int kPieceRows = 200;

// Finds the rows to be written for a page of an index.
using Pass = absl::StatusOr<std::string> (*)(store::Reader&, const store::PageRequest&, std::vector<store::KeyValue>&);

// From version 1 to version 2.
constexpr std::array<Pass, 2> kPasses = {listing::FindMarks, order::FindMarks};

}  // namespace

absl::StatusOr<int64_t> ReadRowsVersion(store::Reader& reader) {
  auto row = reader.Get(kVersionKey);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return 1;
  int64_t version = 0;
  if (!absl::SimpleAtoi(**row, &version) || version < 1) return base::DataLoss("the version of the rows is unreadable");
  return version;
}

absl::Status CheckRowsVersion(store::Reader& reader) {
  auto version = ReadRowsVersion(reader);
  if (!version.ok()) return version.status();
  if (*version <= kRowsVersion) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED,
                         base::StrCat("the rows are of version ", *version, "; this program knows up to ", kRowsVersion,
                                      ": run the newer one"));
}

absl::StatusOr<bool> Upgrade::Next(store::Store& store, const std::function<absl::Status(store::Transaction&)>& guard) {
  if (is_done_) return true;
  const auto snapshot = store.Latest();
  auto version = ReadRowsVersion(*snapshot);
  if (!version.ok()) return version.status();
  if (*version >= kRowsVersion) return is_done_ = true;

  std::vector<store::KeyValue> rows;
  std::string last;
  const bool is_last_row = pass_ == kPasses.size();
  if (is_last_row) {
    rows.push_back({kVersionKey, std::to_string(kRowsVersion)});
  } else {
    auto found = kPasses[pass_](*snapshot, {.size = kPieceRows, .after = after_}, rows);
    if (!found.ok()) return found.status();
    last = *std::move(found);
  }
  if (!rows.empty()) {
    const absl::Status written = store::RunTransaction(store, [&](store::Transaction& transaction) -> absl::Status {
      if (absl::Status allowed = guard(transaction); !allowed.ok()) return allowed;
      for (const store::KeyValue& row : rows) transaction.Put(row.key, row.value);
      return absl::OkStatus();
    });
    if (!written.ok()) return written;
  }
  after_ = last;
  if (after_.empty()) ++pass_;
  return is_done_ = is_last_row;
}

}  // namespace zhuxiao::server
