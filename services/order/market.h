// The market: the book of open listings kept up with the store's feed, and the policy orders are matched under.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/base/clock.h"
#include "services/matching/book.h"
#include "services/matching/policy.h"
#include "services/order/round_prices.h"
#include "services/store/store.h"
#include "zhuxiao/audit/v1/audit.pb.h"
#include "zhuxiao/directory/v1/directory.pb.h"
#include "zhuxiao/listing/v1/listing.pb.h"

namespace zhuxiao::order {

// Thread-safe. The book is a hint: what it proposes is checked again by the transaction that makes the contracts.
class Market {
 public:
  // Fills the book from the store's newest state. `store` and `prices` outlive the market; without `prices` no round
  // has said what goods are worth. DATA_LOSS where a row cannot be read.
  static absl::StatusOr<std::unique_ptr<Market>> Load(store::Store& store, matching::MatchPolicy policy,
                                                      const RoundPrices* prices = nullptr);

  const matching::Book& book() const { return book_; }
  const matching::MatchPolicy& policy() const { return policy_; }

  // Reads the feed until the book contains every event up to `position`, and gives the goods the programmes of `day`,
  // or of the latest day asked for before. An order that asks for the position of its own snapshot therefore sees every
  // listing whose creation, and every list whose publication, was acknowledged before. Cheap where the book is there.
  absl::Status Advance(store::Position position, base::Day day);

  // How far the book has read the feed.
  store::Position position();

  // The designations of a place on a day: directory::DesignationsOf, remembered until a list is published. Advances to
  // the transaction's snapshot and the day.
  absl::StatusOr<std::vector<directory::v1::Designation>> DesignationsOf(store::Transaction& transaction,
                                                                         std::string_view region_code, base::Day day);

  // Commodities of which units came on the market, or came to count for other programmes, since the last call: their
  // standing orders are worth a try.
  std::vector<std::string> TakeReplenished();

 private:
  Market(store::Store& store, matching::MatchPolicy policy, const RoundPrices* prices);

  absl::Status Fill() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status FollowFeed(store::Position position) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Apply(const audit::v1::Event& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ApplyListing(const audit::v1::Event& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ApplyMove(const audit::v1::StockMove& move) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ApplySupplier(const std::string& uscc) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Gives the goods of a settled round's region the prices it found: those it did not know have none any more.
  absl::Status ApplyRound(store::Reader& reader, const zhuxiao::matching::v1::Round& round)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ForgetPrices(const std::string& region_code) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Puts a listing where it belongs: into the book, or aside while its supplier may not sell.
  absl::Status Place(store::Reader& reader, matching::BookListing listing) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<matching::BookListing> ToBookListing(store::Snapshot& snapshot, const listing::v1::Listing& terms,
                                                      int64_t available_units) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Every designation of a place, as far as `reader` knows, whose snapshot stands at `position`.
  absl::StatusOr<std::vector<directory::v1::Designation>> EveryDesignationOf(store::Reader& reader,
                                                                             store::Position position,
                                                                             const std::string& region_code)
      ABSL_LOCKS_EXCLUDED(designations_mutex_);
  // The programmes of a place on programmes_day_, sorted; notes when they change next.
  absl::StatusOr<std::vector<std::string>> ProgrammesOf(store::Snapshot& snapshot, const std::string& region_code)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Notes that a list was published at position_.
  void ForgetDesignations() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Gives all goods the programmes of `day`.
  absl::Status RenewProgrammes(base::Day day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The listing as the book or the aside knows it.
  std::optional<matching::BookListing> Known(const std::string& listing_id) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  store::Store& store_;
  const matching::MatchPolicy policy_;
  const RoundPrices* const prices_;
  matching::Book book_;

  absl::Mutex mutex_;
  store::Position position_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, matching::BookListing> aside_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> replenished_ ABSL_GUARDED_BY(mutex_);
  // Of which day the programmes in the book are, and from which day on those of some place may be others.
  base::Day programmes_day_ ABSL_GUARDED_BY(mutex_) = 0;
  base::Day next_change_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_list_new_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex designations_mutex_;
  absl::flat_hash_map<std::string, std::vector<directory::v1::Designation>> designations_
      ABSL_GUARDED_BY(designations_mutex_);
  // Where the newest list known was published: what an older snapshot says is not remembered.
  store::Position designations_since_ ABSL_GUARDED_BY(designations_mutex_);
};

// What matching needs to know of a listing, from its terms and its origin's programmes (sorted).
matching::BookListing MakeBookListing(const listing::v1::Listing& terms, const directory::v1::Commodity& commodity,
                                      int64_t available_units, int64_t linkage_ppm,
                                      std::vector<std::string> programmes);

// The certificate kinds as matching's bit set.
template <typename Kinds>
matching::CertificateSet CertificateSetOf(const Kinds& kinds) {
  matching::CertificateSet set = 0;
  for (int kind : kinds) set |= matching::CertificateSet{1} << kind;
  return set;
}

}  // namespace zhuxiao::order
