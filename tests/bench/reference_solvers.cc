#include "tests/bench/reference_solvers.h"

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <ClpSimplex.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "services/base/geo.h"
#include "services/matching/welfare.h"

namespace zhuxiao::matching {
namespace {

constexpr double kCostParts = 1e6;

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

// Every possible pair of positive welfare.
std::vector<Pair> PairsOf(const RoundBook& book, const ClearingPolicy& policy) {
  std::vector<std::vector<uint32_t>> orders(book.commodities.size());
  for (uint32_t j = 0; j < book.orders.size(); ++j) orders[book.orders[j].commodity].push_back(j);
  std::vector<Pair> pairs;
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
      const int64_t km = base::RoadKm(book.counties[listing.county], book.counties[order.county]);
      const int64_t arrival_day = std::max(policy.today, listing.ready_day) + base::TransitDays(km);
      if (arrival_day > order.deliver_by_day || arrival_day + commodity.min_life_days > listing.last_sale_day ||
          !IsPriceAllowed(listing.unit_price_fen, listing.unit_base, order.limit_price_fen, order.limit_base)) {
        continue;
      }
      unit.gap_fen = GapFen(policy.weights, unit.value_fen, book.institutions[order.institution].quota_gap_ppm);
      unit.transport_fen = *TransportFen(rates, km, listing.unit_base);
      const auto add = [&](uint32_t tranche, int64_t welfare_fen) {
        if (welfare_fen <= 0 || TrancheUnitsOf(book, policy, tranche) == 0) return;
        pairs.push_back({tranche, j, static_cast<double>(welfare_fen) / static_cast<double>(listing.unit_base)});
      };
      add(2 * i, unit.BonusFen());
      add(2 * i + 1, unit.PlainFen());
    }
  }
  return pairs;
}

}  // namespace

Reference SolveByNetworkSimplex(const RoundBook& book, const ClearingPolicy& policy) {
  using Graph = lemon::SmartDigraph;
  const std::vector<Pair> pairs = PairsOf(book, policy);
  const size_t tranches = book.listings.size() * 2;
  Graph graph;
  graph.reserveNode(static_cast<int>(tranches + book.orders.size() + 1));
  graph.reserveArc(static_cast<int>(pairs.size() + tranches + book.orders.size()));
  std::vector<Graph::Node> nodes;
  for (size_t n = 0; n < tranches + book.orders.size(); ++n) nodes.push_back(graph.addNode());
  // What is not sold, and not bought, goes over a node of its own at no cost.
  const Graph::Node rest = graph.addNode();
  Graph::NodeMap<int64_t> supply(graph, 0);
  Graph::ArcMap<int64_t> cost(graph, 0);
  int64_t balance = 0;
  for (uint32_t t = 0; t < tranches; ++t) {
    supply[nodes[t]] = TrancheUnitsOf(book, policy, t) * book.listings[t / 2].unit_base;
    balance += supply[nodes[t]];
    graph.addArc(nodes[t], rest);
  }
  for (size_t j = 0; j < book.orders.size(); ++j) {
    supply[nodes[tranches + j]] = -book.orders[j].quantity_base;
    balance -= book.orders[j].quantity_base;
    graph.addArc(rest, nodes[tranches + j]);
  }
  supply[rest] = -balance;
  std::vector<Graph::Arc> arcs;
  for (const Pair& pair : pairs) {
    const Graph::Arc arc = graph.addArc(nodes[pair.tranche], nodes[tranches + pair.order]);
    cost[arc] = -std::llround(pair.fen_per_base * kCostParts);
    arcs.push_back(arc);
  }
  lemon::NetworkSimplex<Graph, int64_t, int64_t> simplex(graph);
  simplex.supplyMap(supply).costMap(cost);
  if (simplex.run() != decltype(simplex)::OPTIMAL) {
    std::fprintf(stderr, "the network simplex found no optimum\n");
    std::abort();
  }
  Reference reference = {.pairs = static_cast<int64_t>(pairs.size())};
  for (size_t n = 0; n < pairs.size(); ++n) {
    reference.welfare_fen += static_cast<double>(simplex.flow(arcs[n])) * pairs[n].fen_per_base;
  }
  return reference;
}

Reference SolveByLinearProgram(const RoundBook& book, const ClearingPolicy& policy) {
  const std::vector<Pair> pairs = PairsOf(book, policy);
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
