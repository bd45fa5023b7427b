// Running totals by scope.
#include "services/reward/totals.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/reward/records.h"
#include "services/store/page.h"
#include "zhuxiao/storage/v1/reward.pb.h"

namespace zhuxiao::reward {
namespace {

using store::Key;
using Programmes = google::protobuf::RepeatedPtrField<std::string>;

// Fields of a total row. Sales refunded in full are counted as lines but add nothing to the sums.
enum Field : size_t { kGross, kRefunded, kCounted, kRefundedInFull, kFieldCount };
using Fields = std::array<int64_t, kFieldCount>;

// 128 bits tell sets of programmes apart; a clash would be noticed (EnsureScope).
constexpr size_t kDigestBytes = 16;

std::string ScopeId(const Programmes& programmes) {
  std::string joined;
  for (const std::string& programme : programmes) base::StrAppend(&joined, programme, "\n");
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), kDigestBytes));
}

Fields CountedOf(const v1::OnlineSale& sale) {
  if (IsRefundedInFull(sale)) return {0, 0, 0, 1};
  return {sale.amount().amount_fen(), sale.refunded().amount_fen(), 1, 0};
}

// Writes down which programmes the scope stands for, once.
absl::Status EnsureScope(store::Transaction& transaction, const std::string& key, const Programmes& programmes) {
  storage::v1::SaleScope scope;
  *scope.mutable_programmes() = programmes;
  const std::string wanted = scope.SerializeAsString();
  auto row = transaction.Get(key);
  if (!row.ok()) return row.status();
  if (!*row) {
    transaction.Put(key, wanted);
  } else if (**row != wanted) {
    return base::DataLoss(base::StrCat(key, " stands for two sets of programmes"));
  }
  return absl::OkStatus();
}

absl::Status AddDifference(store::Transaction& transaction, const v1::OnlineSale& sale, const Fields& before,
                           const Fields& after) {
  const std::string place =
      base::StrCat(ClaimantYear(sale.claimant_uscc(), base::YearOf(base::FromProto(sale.order_time()))), "/",
                   ScopeId(sale.eligible_programmes()));
  if (absl::Status status = EnsureScope(transaction, Key(kScopeTable, place), sale.eligible_programmes());
      !status.ok()) {
    return status;
  }
  // The gross sum comes first: it alone can pass its bound, and then nothing has been added yet.
  for (size_t field = 0; field < kFieldCount; ++field) {
    if (after[field] == before[field]) continue;
    absl::Status status =
        transaction.Add(Key(kTotalTable, place), field, after[field] - before[field], {.min = 0, .max = kMaxScopeFen});
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

bool Intersect(const Programmes& a, const Programmes& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const std::string& programme) { return std::find(b.begin(), b.end(), programme) != b.end(); });
}

absl::Status AddScope(const Fields& fields, bool is_designated, Totals& totals) {
  if (!is_designated) {
    totals.excluded_count += fields[kCounted] + fields[kRefundedInFull];
    return absl::OkStatus();
  }
  const std::optional<int64_t> gross = base::CheckedAdd(totals.gross_fen, fields[kGross]);
  if (!gross) {
    base::FieldErrors errors;
    errors.Add("year", "the sales of this year sum to more than can be counted");
    return errors.ToStatus();
  }
  totals.gross_fen = *gross;
  totals.refunded_fen += fields[kRefunded];  // never more than the gross sum
  totals.counted_count += fields[kCounted];
  totals.excluded_count += fields[kRefundedInFull];
  return absl::OkStatus();
}

}  // namespace

bool IsRefundedInFull(const v1::OnlineSale& sale) { return sale.refunded().amount_fen() >= sale.amount().amount_fen(); }

absl::Status AddToTotals(store::Transaction& transaction, const v1::OnlineSale& sale) {
  return AddDifference(transaction, sale, {}, CountedOf(sale));
}

absl::Status MoveTotals(store::Transaction& transaction, const v1::OnlineSale& before, const v1::OnlineSale& after) {
  return AddDifference(transaction, after, CountedOf(before), CountedOf(after));
}

absl::StatusOr<Totals> TotalsOf(store::Reader& reader, std::string_view claimant_uscc, int year,
                                const Programmes& programmes) {
  Totals totals;
  const std::string prefix = Key(kScopeTable, ClaimantYear(claimant_uscc, year), "");
  absl::Status walked = store::WalkAll(reader, prefix, [&](const store::KeyValue& row) -> absl::Status {
    storage::v1::SaleScope scope;
    if (!scope.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    const std::string scope_id = row.key.substr(prefix.size());
    auto counter = reader.Get(Key(kTotalTable, ClaimantYear(claimant_uscc, year), scope_id));
    if (!counter.ok()) return counter.status();
    auto values = store::DecodeCounter(counter->value_or(""));
    if (!values.ok()) return values.status();
    Fields fields;
    std::copy_n(values->begin(), kFieldCount, fields.begin());
    return AddScope(fields, Intersect(scope.programmes(), programmes), totals);
  });
  if (!walked.ok()) return walked;
  return totals;
}

}  // namespace zhuxiao::reward
