#include "services/order/market.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/catch_weight.h"
#include "services/directory/directory.h"
#include "services/ledger/event_parts.h"
#include "services/listing/listing.h"

namespace zhuxiao::order {
namespace {

// Events read at once while catching up.
constexpr size_t kFeedChunk = 1'000;
// A commit's state is published a moment before its events are; a feed that is behind at each of so many looks is
// broken. Looks, each with a wait of its own, because time alone tells nothing: a clock that jumps and a process that
// was stopped for a while end one wait, never all of them.
constexpr int kFeedLooks = 10;
constexpr absl::Duration kFeedWait = absl::Seconds(1);
// Places whose designations are remembered; there are 2,978 counties and about 130,000 poor villages, few of which
// list at a time.
constexpr size_t kMaxRememberedPlaces = 50'000;

matching::BookCommodity ToBookCommodity(const directory::v1::Commodity& commodity) {
  return {.code = commodity.code(),
          .reference_price_fen = commodity.reference_price().amount_fen(),
          .reference_base = commodity.reference_base(),
          .transport_microfen_per_km_base = commodity.transport_microfen_per_km_base(),
          .min_life_days = commodity.min_life_days()};
}

}  // namespace

matching::BookListing MakeBookListing(const listing::v1::Listing& terms, const directory::v1::Commodity& commodity,
                                      int64_t available_units, int64_t linkage_ppm,
                                      std::vector<std::string> programmes) {
  const bool by_weight = commodity.is_catch_weight();
  return {.listing_id = terms.listing_id(),
          .supplier_id = terms.supplier_uscc(),
          .origin_code = terms.origin_code(),
          .commodity = terms.commodity_code(),
          .sale_unit_base = terms.sale_unit_base(),
          .value_base = by_weight ? terms.nominal_weight_g() : terms.sale_unit_base(),
          .weight_base = terms.sale_unit_base(),
          .unit_price_fen = terms.unit_price().amount_fen(),
          .price_fen = by_weight ? terms.price_per_kg().amount_fen() : terms.unit_price().amount_fen(),
          .price_base = by_weight ? directory::kGramsPerKg : terms.sale_unit_base(),
          .listed_units = terms.listed_units(),
          .available_units = available_units,
          .min_lot_units = terms.min_lot_units(),
          .ready_day = base::DayOf(base::FromProto(terms.ready_time())),
          .last_sale_day = base::DayOf(base::FromProto(terms.last_sale_time())),
          .linkage_ppm = linkage_ppm,
          .stall_level = static_cast<uint32_t>(terms.stall().level()),
          .scope = {terms.delivery_regions().begin(), terms.delivery_regions().end()},
          .certificates = CertificateSetOf(terms.certificates()),
          .programmes = std::move(programmes)};
}

Market::Market(store::Store& store, matching::MatchPolicy policy, const RoundPrices* prices)
    : store_(store), policy_(std::move(policy)), prices_(prices), book_(directory::Counties()) {}

absl::StatusOr<std::unique_ptr<Market>> Market::Load(store::Store& store, matching::MatchPolicy policy,
                                                     const RoundPrices* prices) {
  if (absl::Status valid = matching::Validate(policy); !valid.ok()) return valid;
  auto market = std::unique_ptr<Market>(new Market(store, std::move(policy), prices));
  if (absl::Status filled = market->Fill(); !filled.ok()) return filled;
  return market;
}

absl::Status Market::Fill() {
  for (const directory::v1::Commodity& commodity : directory::Catalogue()) {
    if (absl::Status set = book_.SetCommodity(ToBookCommodity(commodity)); !set.ok()) return set;
  }
  absl::MutexLock lock(&mutex_);
  auto snapshot = store_.Latest();
  position_ = snapshot->position();
  absl::Status placed = listing::ForEach(*snapshot, [&](const listing::v1::Listing& listing) -> absl::Status {
    mutex_.AssertHeld();
    if (listing.state() != listing::v1::LISTING_STATE_OPEN) return absl::OkStatus();
    auto entry = ToBookListing(*snapshot, listing, listing.balances().available());
    return entry.ok() ? Place(*snapshot, *std::move(entry)) : entry.status();
  });
  if (!placed.ok() || prices_ == nullptr) return placed;
  auto rounds = prices_->LastSettled(*snapshot);
  if (!rounds.ok()) return rounds.status();
  for (const auto& round : *rounds) {
    if (absl::Status applied = ApplyRound(*snapshot, round); !applied.ok()) return applied;
  }
  return absl::OkStatus();
}

absl::StatusOr<matching::BookListing> Market::ToBookListing(store::Snapshot& snapshot,
                                                            const listing::v1::Listing& terms,
                                                            int64_t available_units) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(terms.commodity_code());
  if (commodity == nullptr) return base::DataLoss(base::StrCat("listing of no commodity: ", terms.listing_id()));
  auto linkage = directory::FindLinkage(snapshot, terms.supplier_uscc());
  if (!linkage.ok()) return linkage.status();
  auto programmes = ProgrammesOf(snapshot, terms.origin_code());
  if (!programmes.ok()) return programmes.status();
  return MakeBookListing(terms, *commodity, available_units, *linkage ? (*linkage)->linkage_ppm() : 0,
                         *std::move(programmes));
}

absl::Status Market::Place(store::Reader& reader, matching::BookListing listing) {
  auto supplier = directory::GetSupplier(reader, listing.supplier_id);
  if (!supplier.ok()) return supplier.status();
  if (supplier->state() == directory::v1::SUPPLIER_STATE_ACTIVE) {
    aside_.erase(listing.listing_id);
    return book_.Upsert(listing);
  }
  book_.Remove(listing.listing_id);
  aside_.insert_or_assign(listing.listing_id, std::move(listing));
  return absl::OkStatus();
}

absl::Status Market::Advance(store::Position position, base::Day day) {
  absl::MutexLock lock(&mutex_);
  // Where clocks differ around midnight the later day stays: contracts hold to their own (Filling::Draft).
  day = std::max(day, programmes_day_);
  if (day < next_change_) programmes_day_ = day;
  if (absl::Status followed = FollowFeed(position); !followed.ok()) return followed;
  return is_list_new_ || day >= next_change_ ? RenewProgrammes(day) : absl::OkStatus();
}

absl::Status Market::FollowFeed(store::Position position) {
  using audit::v1::Event;
  // Orders wait for one another here, so nothing is read of what they and their contracts look like.
  ledger::EventParts parts({Event::kActionFieldNumber, Event::kStockMovesFieldNumber, Event::kListingFieldNumber,
                            Event::kSupplierFieldNumber, Event::kLinkageFieldNumber, Event::kRoundFieldNumber});
  Event event;  // used again for each, which saves making its parts anew
  for (int looks = 0; position_ < position;) {
    auto entries = store_.ReadFeed(position_, kFeedChunk);
    if (!entries.ok()) return entries.status();
    if (entries->empty() && !store_.WaitFeed(position_, absl::Now() + kFeedWait) && ++looks == kFeedLooks) {
      return base::DataLoss("the feed ends before a committed position");
    }
    for (const store::FeedEntry& entry : *entries) {
      if (!parts.Parse(entry.payload, event)) return base::DataLoss("an event of the feed cannot be read");
      if (absl::Status applied = Apply(event); !applied.ok()) return applied;
      position_ = entry.position;
      if (event.action() == "PublishDesignations") ForgetDesignations();
    }
  }
  return absl::OkStatus();
}

store::Position Market::position() {
  absl::MutexLock lock(&mutex_);
  return position_;
}

absl::Status Market::Apply(const audit::v1::Event& event) {
  if (event.has_listing()) {
    if (absl::Status applied = ApplyListing(event); !applied.ok()) return applied;
  }
  for (const audit::v1::StockMove& move : event.stock_moves()) {
    if (event.has_listing() && move.listing_id() == event.listing().listing_id()) continue;
    if (absl::Status applied = ApplyMove(move); !applied.ok()) return applied;
  }
  if (event.has_round() && event.round().state() == zhuxiao::matching::v1::ROUND_STATE_SETTLED) {
    return ApplyRound(*store_.Latest(), event.round());
  }
  if (event.has_supplier()) return ApplySupplier(event.supplier().uscc());
  if (event.has_linkage()) return ApplySupplier(event.linkage().supplier_uscc());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Market::ProgrammesOf(store::Snapshot& snapshot,
                                                              const std::string& region_code) {
  auto every = EveryDesignationOf(snapshot, snapshot.position(), region_code);
  if (!every.ok()) return every.status();
  next_change_ = std::min(next_change_, directory::NextChange(*every, programmes_day_).value_or(next_change_));
  std::vector<std::string> programmes;
  for (const auto& designation : directory::HoldingOn(*every, programmes_day_)) {
    programmes.push_back(designation.programme());
  }
  std::sort(programmes.begin(), programmes.end());
  programmes.erase(std::unique(programmes.begin(), programmes.end()), programmes.end());
  return programmes;
}

absl::Status Market::RenewProgrammes(base::Day day) {
  programmes_day_ = day;
  next_change_ = std::numeric_limits<base::Day>::max();
  std::vector<matching::BookListing> listings;
  book_.ForEach([&](const matching::BookListing& listing) { listings.push_back(listing); });
  for (const auto& [id, listing] : aside_) listings.push_back(listing);
  auto snapshot = store_.Latest();
  for (matching::BookListing& listing : listings) {
    auto programmes = ProgrammesOf(*snapshot, listing.origin_code);
    if (!programmes.ok()) return programmes.status();
    if (*programmes == listing.programmes) continue;
    listing.programmes = *std::move(programmes);
    replenished_.insert(listing.commodity);
    if (absl::Status placed = Place(*snapshot, std::move(listing)); !placed.ok()) return placed;
  }
  is_list_new_ = false;
  return absl::OkStatus();
}

absl::Status Market::ApplyListing(const audit::v1::Event& event) {
  const listing::v1::Listing& terms = event.listing();
  const std::string& id = terms.listing_id();
  if (terms.state() != listing::v1::LISTING_STATE_OPEN) {
    book_.Remove(id);
    aside_.erase(id);
    return absl::OkStatus();
  }
  const std::optional<matching::BookListing> known = Known(id);
  int64_t available = known ? known->available_units : 0;
  // New terms and the moves of the same event are taken together: either alone could break available <= listed.
  for (const audit::v1::StockMove& move : event.stock_moves()) {
    if (move.listing_id() == id) available += move.delta().available();
  }
  auto snapshot = store_.Latest();
  auto entry = ToBookListing(*snapshot, terms, available);
  if (!entry.ok()) return entry.status();
  // A round's price is of the unit it knew.
  if (known && known->sale_unit_base == entry->sale_unit_base) entry->price = known->price;
  replenished_.insert(terms.commodity_code());
  return Place(*snapshot, *std::move(entry));
}

std::optional<matching::BookListing> Market::Known(const std::string& listing_id) const {
  if (const auto set_aside = aside_.find(listing_id); set_aside != aside_.end()) return set_aside->second;
  return book_.Find(listing_id);
}

absl::Status Market::ApplyRound(store::Reader& reader, const zhuxiao::matching::v1::Round& round) {
  if (prices_ == nullptr) return absl::OkStatus();
  if (absl::Status forgotten = ForgetPrices(round.region_code()); !forgotten.ok()) return forgotten;
  return prices_->ForEach(reader, round, [&](std::string_view id, const matching::ListingPrice& price) {
    mutex_.AssertHeld();
    if (price.first_fen == 0 && price.rest_fen == 0) return absl::OkStatus();
    if (const auto set_aside = aside_.find(std::string(id)); set_aside != aside_.end()) {
      set_aside->second.price = price;
      return absl::OkStatus();
    }
    absl::Status set = book_.SetPrice(id, price);
    return absl::IsNotFound(set) ? absl::OkStatus() : set;  // closed meanwhile
  });
}

absl::Status Market::ForgetPrices(const std::string& region_code) {
  const auto is_priced = [&](const matching::BookListing& listing) {
    return listing.price != matching::ListingPrice{} &&
           (region_code.empty() || base::IsInside(listing.origin_code, region_code));
  };
  std::vector<std::string> ids;
  book_.ForEach([&](const matching::BookListing& listing) {
    if (is_priced(listing)) ids.push_back(listing.listing_id);
  });
  for (const std::string& id : ids) {
    if (absl::Status set = book_.SetPrice(id, {}); !set.ok()) return set;
  }
  for (auto& [id, listing] : aside_) {
    if (is_priced(listing)) listing.price = {};
  }
  return absl::OkStatus();
}

absl::Status Market::ApplyMove(const audit::v1::StockMove& move) {
  const int64_t delta = move.delta().available();
  if (delta == 0) return absl::OkStatus();
  if (const auto set_aside = aside_.find(move.listing_id()); set_aside != aside_.end()) {
    set_aside->second.available_units += delta;
    return absl::OkStatus();
  }
  absl::Status added = book_.AddAvailable(move.listing_id(), delta);
  if (absl::IsNotFound(added)) return absl::OkStatus();  // closed meanwhile
  if (!added.ok()) return base::DataLoss(base::StrCat("the book and the feed differ on ", move.listing_id()));
  if (delta > 0) {
    if (const auto listing = book_.Find(move.listing_id())) replenished_.insert(listing->commodity);
  }
  return absl::OkStatus();
}

absl::Status Market::ApplySupplier(const std::string& uscc) {
  std::vector<matching::BookListing> listings;
  book_.ForEach([&](const matching::BookListing& listing) {
    if (listing.supplier_id == uscc) listings.push_back(listing);
  });
  for (const auto& [id, listing] : aside_) {
    if (listing.supplier_id == uscc) listings.push_back(listing);
  }
  auto snapshot = store_.Latest();
  auto linkage = directory::FindLinkage(*snapshot, uscc);
  if (!linkage.ok()) return linkage.status();
  for (matching::BookListing& listing : listings) {
    listing.linkage_ppm = *linkage ? (*linkage)->linkage_ppm() : 0;
    replenished_.insert(listing.commodity);
    if (absl::Status placed = Place(*snapshot, std::move(listing)); !placed.ok()) return placed;
  }
  return absl::OkStatus();
}

void Market::ForgetDesignations() {
  is_list_new_ = true;
  absl::MutexLock lock(&designations_mutex_);
  designations_.clear();
  designations_since_ = position_;
}

absl::StatusOr<std::vector<directory::v1::Designation>> Market::DesignationsOf(store::Transaction& transaction,
                                                                               std::string_view region_code,
                                                                               base::Day day) {
  const store::Position position = transaction.snapshot().position();
  if (absl::Status fresh = Advance(position, day); !fresh.ok()) return fresh;
  auto every = EveryDesignationOf(transaction, position, std::string(region_code));
  if (!every.ok()) return every;
  return directory::HoldingOn(*every, day);
}

absl::StatusOr<std::vector<directory::v1::Designation>> Market::EveryDesignationOf(store::Reader& reader,
                                                                                   store::Position position,
                                                                                   const std::string& region_code) {
  {
    absl::MutexLock lock(&designations_mutex_);
    if (const auto known = designations_.find(region_code); known != designations_.end()) return known->second;
  }
  auto every = directory::EveryDesignationOf(reader, region_code);
  if (!every.ok()) return every;
  absl::MutexLock lock(&designations_mutex_);
  if (position < designations_since_) return every;
  if (designations_.size() >= kMaxRememberedPlaces) designations_.clear();
  designations_[region_code] = *every;
  return every;
}

std::vector<std::string> Market::TakeReplenished() {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> commodities(replenished_.begin(), replenished_.end());
  replenished_.clear();
  std::sort(commodities.begin(), commodities.end());
  return commodities;
}

}  // namespace zhuxiao::order
