#include "services/round/freeze.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/listing/listing.h"
#include "services/order/order.h"
#include "services/order/upkeep.h"
#include "services/quota/quota.h"

namespace zhuxiao::round {
namespace {

constexpr size_t kOrdersAtOnce = 1'000;
constexpr size_t kVillageDigits = 12;

// A row before positions are known; small, since a nation has millions.
struct Offer {
  matching::BookListing listing;
  std::string etag;
};
struct Demand {
  std::string order_id;
  std::string etag;
  std::string commodity;
  std::string county;
  const std::string* institution = nullptr;  // its id
  matching::RoundOrder row;
};

class Freezing {
 public:
  Freezing(const std::shared_ptr<store::Snapshot>& snapshot, order::Market& market, const std::string& region_code,
           absl::Time now)
      : snapshot_(snapshot), peek_(snapshot), market_(market), region_code_(region_code), now_(now) {}

  absl::StatusOr<Frozen> Run() {
    frozen_.input.policy = {.today = base::DayOf(now_), .weights = market_.policy()};
    if (absl::Status read = ReadListings(); !read.ok()) return read;
    for (const directory::v1::Commodity& commodity : directory::Catalogue()) {
      if (absl::Status read = ReadOrders(commodity); !read.ok()) return read;
    }
    Arrange();
    return std::move(frozen_);
  }

 private:
  struct SupplierFacts {
    bool is_active = false;
    int64_t linkage_ppm = 0;
  };

  absl::StatusOr<SupplierFacts> FactsOf(const std::string& uscc) {
    if (const auto known = suppliers_.find(uscc); known != suppliers_.end()) return known->second;
    auto supplier = directory::GetSupplier(*snapshot_, uscc);
    if (!supplier.ok()) return supplier.status();
    auto linkage = directory::FindLinkage(*snapshot_, uscc);
    if (!linkage.ok()) return linkage.status();
    const SupplierFacts facts = {.is_active = supplier->state() == directory::v1::SUPPLIER_STATE_ACTIVE,
                                 .linkage_ppm = *linkage ? (*linkage)->linkage_ppm() : 0};
    suppliers_[uscc] = facts;
    return facts;
  }

  absl::Status ReadListings() {
    return listing::ForEach(*snapshot_, [this](const listing::v1::Listing& listing) -> absl::Status {
      const int64_t available = listing.balances().available();
      if (available <= 0 || !listing::CheckSellable(listing, now_).ok() ||
          !base::IsInside(listing.origin_code(), region_code_)) {
        return absl::OkStatus();
      }
      const directory::v1::Commodity* commodity = directory::FindCommodity(listing.commodity_code());
      if (commodity == nullptr) return base::DataLoss(base::StrCat("listing of no commodity: ", listing.listing_id()));
      auto facts = FactsOf(listing.supplier_uscc());
      if (!facts.ok()) return facts.status();
      const v1::RoundLeftOut reason = BarOf(listing, *commodity, *facts, available);
      if (reason != v1::ROUND_LEFT_OUT_UNSPECIFIED) {
        frozen_.left_out.push_back({listing.listing_id(), reason});
        return absl::OkStatus();
      }
      sellers_.insert(listing.supplier_uscc());
      offers_.push_back(
          {order::MakeBookListing(listing, *commodity, available, facts->linkage_ppm, {}), listing.etag()});
      return absl::OkStatus();
    });
  }

  static v1::RoundLeftOut BarOf(const listing::v1::Listing& listing, const directory::v1::Commodity& commodity,
                                const SupplierFacts& facts, int64_t available) {
    if (commodity.is_catch_weight()) return v1::ROUND_LEFT_OUT_CATCH_WEIGHT;
    if (!facts.is_active) return v1::ROUND_LEFT_OUT_SUPPLIER_NOT_ACTIVE;
    if (listing.delivery_regions_size() > 0) return v1::ROUND_LEFT_OUT_DELIVERY_REGIONS;
    if (available < listing.min_lot_units()) return v1::ROUND_LEFT_OUT_BELOW_MIN_LOT;
    return v1::ROUND_LEFT_OUT_UNSPECIFIED;
  }

  absl::Status ReadOrders(const directory::v1::Commodity& commodity) {
    std::string after;
    while (true) {
      auto ids = order::StandingOrders(*snapshot_, commodity.code(), after, kOrdersAtOnce);
      if (!ids.ok()) return ids.status();
      if (ids->empty()) return absl::OkStatus();
      for (const std::string& id : *ids) {
        if (absl::Status read = ReadOrder(commodity, id); !read.ok()) return read;
      }
      after = ids->back();
    }
  }

  absl::Status ReadOrder(const directory::v1::Commodity& commodity, const std::string& id) {
    auto order = order::GetOrder(*snapshot_, id);
    if (!order.ok()) return order.status();
    if (base::FromProto(order->standing_until()) <= now_ || order->filled_base() >= order->quantity_base()) {
      return absl::OkStatus();
    }
    const std::string institution = base::StrCat(order->institution_uscc(), "/", order->quota_year());
    auto reason = BarOf(commodity, *order, institution);
    if (!reason.ok()) return reason.status();
    if (*reason != v1::ROUND_LEFT_OUT_UNSPECIFIED) {
      frozen_.left_out.push_back({id, *reason});
      return absl::OkStatus();
    }
    demands_.push_back({.order_id = id,
                        .etag = order->etag(),
                        .commodity = order->commodity_code(),
                        .county = CountyOf(order->destination_code()),
                        .institution = &institutions_.find(institution)->first,
                        .row = {.is_partial_allowed = order->allow_partial(),
                                .deliver_by_day = base::DayOf(base::FromProto(order->deliver_by_time())),
                                .quantity_base = order->quantity_base() - order->filled_base(),
                                .limit_price_fen = order->limit_price().amount_fen(),
                                .limit_base = order->limit_base()}});
    return absl::OkStatus();
  }

  absl::StatusOr<v1::RoundLeftOut> BarOf(const directory::v1::Commodity& commodity, const order::v1::Order& order,
                                         const std::string& institution) {
    if (commodity.is_catch_weight()) return v1::ROUND_LEFT_OUT_CATCH_WEIGHT;
    if (!order.required_programme().empty() || order.required_certificates_size() > 0) {
      return v1::ROUND_LEFT_OUT_REQUIREMENTS;
    }
    if (sellers_.contains(order.institution_uscc())) return v1::ROUND_LEFT_OUT_OWN_GOODS;
    if (institutions_.contains(institution)) return v1::ROUND_LEFT_OUT_UNSPECIFIED;
    auto room = quota::PeekRoom(peek_, order.institution_uscc(), order.quota_year());
    if (base::ReasonOf(room.status()) == base::ErrorReason::ERROR_REASON_QUOTA_MISSING) {
      return v1::ROUND_LEFT_OUT_QUOTA_MISSING;
    }
    if (!room.ok()) return room.status();
    institutions_[institution] = {.limit_fen = room->remaining_fen, .quota_gap_ppm = room->gap_ppm};
    return v1::ROUND_LEFT_OUT_UNSPECIFIED;
  }

  // Puts every table in the order of its ids and refers rows to positions.
  void Arrange() {
    const auto by_id = [](const LeftOut& a, const LeftOut& b) { return a.id < b.id; };
    std::sort(frozen_.left_out.begin(), frozen_.left_out.end(), by_id);
    std::sort(offers_.begin(), offers_.end(),
              [](const Offer& a, const Offer& b) { return a.listing.listing_id < b.listing.listing_id; });
    std::sort(demands_.begin(), demands_.end(),
              [](const Demand& a, const Demand& b) { return a.order_id < b.order_id; });
    for (const Offer& offer : offers_) Note(offer.listing.commodity, CountyOf(offer.listing.origin_code));
    for (const Demand& demand : demands_) Note(demand.commodity, demand.county);
    ArrangeCommodities();
    ArrangeCounties();
    for (auto& [id, row] : institutions_) {
      institution_positions_[id] = static_cast<uint32_t>(frozen_.input.ids.institutions.size());
      frozen_.input.ids.institutions.Add(id);
      frozen_.input.book.institutions.push_back(row);
    }
    for (const Offer& offer : offers_) AddListing(offer);
    for (const Demand& demand : demands_) AddOrder(demand);
  }

  static std::string CountyOf(const std::string& code) { return code.substr(0, 6); }

  void Note(const std::string& commodity, const std::string& county) {
    commodities_[commodity] = 0;
    counties_[county] = 0;
  }

  void ArrangeCommodities() {
    for (auto& [code, position] : commodities_) {
      position = static_cast<uint32_t>(frozen_.input.ids.commodities.size());
      frozen_.input.ids.commodities.Add(code);
      const matching::BookCommodity known = *market_.book().FindCommodity(code);
      frozen_.input.book.commodities.push_back({.reference_price_fen = known.reference_price_fen,
                                                .reference_base = known.reference_base,
                                                .transport_microfen_per_km_base = known.transport_microfen_per_km_base,
                                                .min_life_days = known.min_life_days});
    }
  }

  void ArrangeCounties() {
    for (auto& [code, position] : counties_) {
      position = static_cast<uint32_t>(frozen_.input.ids.counties.size());
      frozen_.input.ids.counties.Add(code);
      frozen_.input.book.counties.push_back(directory::Counties().Find(code)->centroid);
    }
  }

  void AddListing(const Offer& offer) {
    const matching::BookListing& from = offer.listing;
    round_files::RoundIds& ids = frozen_.input.ids;
    frozen_.input.book.listings.push_back({.commodity = commodities_[from.commodity],
                                           .county = counties_[CountyOf(from.origin_code)],
                                           .units = from.available_units,
                                           .unit_base = from.sale_unit_base,
                                           .unit_price_fen = from.unit_price_fen,
                                           .ready_day = from.ready_day,
                                           .last_sale_day = from.last_sale_day,
                                           .linkage_ppm = static_cast<int32_t>(from.linkage_ppm),
                                           .stall_level = from.stall_level,
                                           .min_lot_units = from.min_lot_units});
    ids.listings.Add(from.listing_id);
    std::string village = from.origin_code;
    village.resize(kVillageDigits, '0');
    ids.listing_suppliers.push_back(PositionOf(from.supplier_id, supplier_positions_, ids.suppliers));
    ids.listing_villages.push_back(PositionOf(village, village_positions_, ids.villages));
    frozen_.versions.push_back({from.listing_id, offer.etag});
  }

  void AddOrder(const Demand& demand) {
    matching::RoundOrder row = demand.row;
    row.institution = institution_positions_[*demand.institution];
    row.commodity = commodities_[demand.commodity];
    row.county = counties_[demand.county];
    frozen_.input.book.orders.push_back(row);
    frozen_.input.ids.orders.Add(demand.order_id);
    frozen_.versions.push_back({demand.order_id, demand.etag});
  }

  static uint32_t PositionOf(const std::string& text, absl::flat_hash_map<std::string, uint32_t>& positions,
                             round_files::IdTable& table) {
    const auto [it, is_new] = positions.try_emplace(text, static_cast<uint32_t>(table.size()));
    if (is_new) table.Add(text);
    return it->second;
  }

  const std::shared_ptr<store::Snapshot> snapshot_;
  store::Transaction peek_;  // never committed: what is read of quotas goes through one
  order::Market& market_;
  const std::string& region_code_;
  const absl::Time now_;

  absl::flat_hash_map<std::string, SupplierFacts> suppliers_;
  absl::flat_hash_set<std::string> sellers_;
  std::vector<Offer> offers_;
  std::vector<Demand> demands_;
  std::map<std::string, matching::RoundInstitution> institutions_;
  std::map<std::string, uint32_t> commodities_;  // positions, once arranged
  std::map<std::string, uint32_t> counties_;
  absl::flat_hash_map<std::string, uint32_t> institution_positions_;
  absl::flat_hash_map<std::string, uint32_t> supplier_positions_;
  absl::flat_hash_map<std::string, uint32_t> village_positions_;
  Frozen frozen_;
};

}  // namespace

absl::StatusOr<Frozen> Freeze(const std::shared_ptr<store::Snapshot>& snapshot, order::Market& market,
                              const std::string& region_code, absl::Time now) {
  return Freezing(snapshot, market, region_code, now).Run();
}

}  // namespace zhuxiao::round
