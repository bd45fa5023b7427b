#include "tests/bench/reference_solvers.h"

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <ClpSimplex.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <vector>

#include "services/base/geo.h"
#include "services/matching/distance.h"
#include "services/matching/welfare.h"

namespace zhuxiao::matching {
namespace {

// Costs of the network simplex are whole numbers of these parts of a fen a flow unit.
constexpr double kCostParts = 1e3;

// No supply, and no sum of supplies, is more flow units than this.
constexpr int64_t kMostFlow = std::numeric_limits<int>::max() / 2;

struct Pair {
  uint32_t tranche = 0;  // 2 * listing, and one more for the units without the bonus
  uint32_t order = 0;
  double fen_per_base = 0;
};

int64_t TrancheUnitsOf(const RoundBook& book, const ClearingPolicy& policy, uint32_t tranche) {
  const int64_t units = book.listings[tranche / 2].units;
  const int64_t first = TrancheUnits(policy.weights, units);
  return tranche % 2 == 0 ? first : units - first;
}

// Calls visit(pair) for every possible pair of positive welfare. Not a list of them: at a tenth of the country that
// alone would take more memory than the network simplex.
template <typename Visit>
void ForEachPair(const RoundBook& book, const ClearingPolicy& policy, const Visit& visit) {
  std::vector<std::vector<uint32_t>> orders(book.commodities.size());
  for (uint32_t j = 0; j < book.orders.size(); ++j) orders[book.orders[j].commodity].push_back(j);
  const DistanceTable distances(book.counties);
  for (uint32_t i = 0; i < book.listings.size(); ++i) {
    const RoundListing& listing = book.listings[i];
    const RoundCommodity& commodity = book.commodities[listing.commodity];
    const BookCommodity rates = {.reference_price_fen = commodity.reference_price_fen,
                                 .reference_base = commodity.reference_base,
                                 .transport_microfen_per_km_base = commodity.transport_microfen_per_km_base};
    UnitWelfare unit = ListingPart(policy.weights, {.value_fen = *UnitValueFen(rates, listing.unit_base),
                                                    .days_left = listing.last_sale_day - policy.today,
                                                    .stall_level = listing.stall_level,
                                                    .linkage_ppm = listing.linkage_ppm});
    for (const uint32_t j : orders[listing.commodity]) {
      const RoundOrder& order = book.orders[j];
      const int64_t km = distances.RowTo(order.county).km[listing.county];
      const int64_t arrival_day = std::max(policy.today, listing.ready_day) + base::TransitDays(km);
      if (arrival_day > order.deliver_by_day || arrival_day + commodity.min_life_days > listing.last_sale_day ||
          !IsPriceAllowed(listing.unit_price_fen, listing.unit_base, order.limit_price_fen, order.limit_base)) {
        continue;
      }
      unit.gap_fen = GapFen(policy.weights, unit.value_fen, book.institutions[order.institution].quota_gap_ppm);
      unit.transport_fen = *TransportFen(rates, km, listing.unit_base);
      const auto add = [&](uint32_t tranche, int64_t welfare_fen) {
        if (welfare_fen <= 0 || TrancheUnitsOf(book, policy, tranche) == 0) return;
        visit(Pair{tranche, j, static_cast<double>(welfare_fen) / static_cast<double>(listing.unit_base)});
      };
      add(2 * i, unit.BonusFen());
      add(2 * i + 1, unit.PlainFen());
    }
  }
}

// Base units in a unit of flow, by commodity: what divides every sale unit and every order, so that a flow fits 32 bits
// and loses nothing.
std::vector<int64_t> FlowUnits(const RoundBook& book) {
  std::vector<int64_t> units(book.commodities.size());
  for (const RoundListing& row : book.listings) units[row.commodity] = std::gcd(units[row.commodity], row.unit_base);
  for (const RoundOrder& row : book.orders) units[row.commodity] = std::gcd(units[row.commodity], row.quantity_base);
  for (int64_t& unit : units) unit = std::max<int64_t>(1, unit);
  return units;
}

}  // namespace

Reference SolveByNetworkSimplex(const RoundBook& book, const ClearingPolicy& policy) {
  using Graph = lemon::SmartDigraph;
  Reference reference;
  ForEachPair(book, policy, [&](const Pair&) { ++reference.pairs; });
  const std::vector<int64_t> flow_unit = FlowUnits(book);
  const size_t tranches = book.listings.size() * 2;
  Graph graph;
  graph.reserveNode(static_cast<int>(tranches + book.orders.size() + 1));
  graph.reserveArc(static_cast<int>(static_cast<size_t>(reference.pairs) + tranches + book.orders.size()));
  std::vector<Graph::Node> nodes;
  for (size_t n = 0; n < tranches + book.orders.size(); ++n) nodes.push_back(graph.addNode());
  // What is not sold, and not bought, goes over a node of its own at no cost.
  const Graph::Node rest = graph.addNode();
  Graph::NodeMap<int> supply(graph, 0);
  int64_t balance = 0;
  const auto set_supply = [&](Graph::Node node, int64_t flow) {
    // The sum of all supplies must be a number as well; a tenth of the country stays far below.
    if (std::abs(flow) > kMostFlow || std::abs(balance + flow) > kMostFlow) {
      std::fprintf(stderr, "the round is too large for 32-bit flows\n");
      std::abort();
    }
    supply[node] = static_cast<int>(flow);
    balance += flow;
  };
  for (uint32_t t = 0; t < tranches; ++t) {
    const RoundListing& listing = book.listings[t / 2];
    set_supply(nodes[t], TrancheUnitsOf(book, policy, t) * (listing.unit_base / flow_unit[listing.commodity]));
    graph.addArc(nodes[t], rest);
  }
  for (size_t j = 0; j < book.orders.size(); ++j) {
    set_supply(nodes[tranches + j], -(book.orders[j].quantity_base / flow_unit[book.orders[j].commodity]));
    graph.addArc(rest, nodes[tranches + j]);
  }
  supply[rest] = static_cast<int>(-balance);
  ForEachPair(book, policy, [&](const Pair& pair) { graph.addArc(nodes[pair.tranche], nodes[tranches + pair.order]); });
  Graph::ArcMap<int64_t> cost(graph, 0);
  size_t arc = tranches + book.orders.size();
  ForEachPair(book, policy, [&](const Pair& pair) {
    const double fen_a_flow = pair.fen_per_base * static_cast<double>(flow_unit[book.orders[pair.order].commodity]);
    cost[Graph::arcFromId(static_cast<int>(arc++))] = -std::llround(fen_a_flow * kCostParts);
  });
  lemon::NetworkSimplex<Graph, int, int64_t> simplex(graph);
  simplex.supplyMap(supply).costMap(cost);
  if (simplex.run() != decltype(simplex)::OPTIMAL) {
    std::fprintf(stderr, "the network simplex found no optimum\n");
    std::abort();
  }
  reference.welfare_fen = -static_cast<double>(simplex.totalCost<int64_t>()) / kCostParts;
  return reference;
}

Reference SolveByLinearProgram(const RoundBook& book, const ClearingPolicy& policy) {
  std::vector<Pair> pairs;
  ForEachPair(book, policy, [&](const Pair& pair) { pairs.push_back(pair); });
  const size_t tranches = book.listings.size() * 2;
  const size_t rows = tranches + book.orders.size() + book.institutions.size();
  std::vector<double> most(rows);
  for (uint32_t t = 0; t < tranches; ++t) {
    most[t] = static_cast<double>(TrancheUnitsOf(book, policy, t) * book.listings[t / 2].unit_base);
  }
  for (size_t j = 0; j < book.orders.size(); ++j) {
    most[tranches + j] = static_cast<double>(book.orders[j].quantity_base);
  }
  for (size_t k = 0; k < book.institutions.size(); ++k) {
    most[tranches + book.orders.size() + k] = static_cast<double>(book.institutions[k].limit_fen);
  }
  const std::vector<double> least(rows, -COIN_DBL_MAX);
  std::vector<CoinBigIndex> starts = {0};
  std::vector<int> row_of;
  std::vector<double> elements;
  std::vector<double> objective;
  for (const Pair& pair : pairs) {
    const RoundListing& listing = book.listings[pair.tranche / 2];
    const auto institution = book.orders[pair.order].institution;
    row_of.insert(row_of.end(), {static_cast<int>(pair.tranche), static_cast<int>(tranches + pair.order),
                                 static_cast<int>(tranches + book.orders.size() + institution)});
    elements.insert(elements.end(),
                    {1, 1, static_cast<double>(listing.unit_price_fen) / static_cast<double>(listing.unit_base)});
    starts.push_back(static_cast<CoinBigIndex>(elements.size()));
    objective.push_back(pair.fen_per_base);
  }
  ClpSimplex simplex;
  simplex.setLogLevel(0);
  simplex.loadProblem(static_cast<int>(pairs.size()), static_cast<int>(rows), starts.data(), row_of.data(),
                      elements.data(), nullptr, nullptr, objective.data(), least.data(), most.data());
  simplex.setOptimizationDirection(-1);
  simplex.primal();
  if (simplex.status() != 0) {
    std::fprintf(stderr, "the linear program found no optimum\n");
    std::abort();
  }
  return {.welfare_fen = simplex.objectiveValue(), .pairs = static_cast<int64_t>(pairs.size())};
}

}  // namespace zhuxiao::matching
