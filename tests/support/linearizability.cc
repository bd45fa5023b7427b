#include "tests/support/linearizability.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace zhuxiao::testing {
namespace {

using Kind = BalanceOperation::Kind;

// What has been applied: all operations up to `high`, in order of their begins, but for `holes`. Only operations under
// way at one moment can be holes at once, so there are few.
struct Applied {
  int high = -1;
  std::vector<int> holes;  // ascending

  void Add(int index) {
    if (index <= high) {
      holes.erase(std::find(holes.begin(), holes.end(), index));
      return;
    }
    for (int skipped = high + 1; skipped < index; ++skipped) holes.push_back(skipped);
    high = index;
  }

  std::string Key() const { return absl::StrCat(high, ":", absl::StrJoin(holes, ",")); }
};

// A point of the search: a state, and what may come next.
struct Point {
  Applied applied;
  std::vector<int64_t> state;
  std::vector<int> choices;
  size_t tried = 0;
};

class Search {
 public:
  Search(const BalanceRegister& balances, std::vector<BalanceOperation> operations)
      : balances_(balances), operations_(std::move(operations)) {
    std::stable_sort(operations_.begin(), operations_.end(),
                     [](const auto& a, const auto& b) { return a.begin < b.begin; });
  }

  Linearizability Run(int64_t most_steps) {
    std::vector<Point> path = {{.state = balances_.start}};
    Choose(path.back());
    deepest_ = path.back();
    for (int64_t step = 0; step < most_steps; ++step) {
      Point& point = path.back();
      if (IsDone(point.applied)) return {};
      if (point.tried == point.choices.size()) {
        path.pop_back();
        if (path.empty()) return {Linearizability::Verdict::kNo, Complaint()};
        continue;
      }
      Point next = After(point, point.choices[point.tried++]);
      if (point.choices.size() > 1 && !seen_.insert(next.applied.Key()).second) continue;
      Choose(next);
      path.push_back(std::move(next));
      if (path.size() > deepest_size_) {
        deepest_size_ = path.size();
        deepest_ = path.back();
      }
    }
    return {Linearizability::Verdict::kUndecided, absl::StrCat("undecided after ", most_steps, " steps")};
  }

 private:
  static bool WasAnswered(const BalanceOperation& operation) { return operation.end != BalanceOperation::kNever; }

  bool IsDone(const Applied& applied) const {
    const auto must_come = [this](int index) { return WasAnswered(operations_[index]); };
    if (std::any_of(applied.holes.begin(), applied.holes.end(), must_come)) return false;
    for (int index = applied.high + 1; index < Size(); ++index) {
      if (must_come(index)) return false;
    }
    return true;
  }

  // The operations not applied that began before any of them ended: one of these comes next.
  std::vector<int> Enabled(const Applied& applied) const {
    int64_t first_end = BalanceOperation::kNever;
    for (const int index : applied.holes) first_end = std::min(first_end, operations_[index].end);
    std::vector<int> enabled = applied.holes;
    for (int index = applied.high + 1; index < Size() && operations_[index].begin <= first_end; ++index) {
      first_end = std::min(first_end, operations_[index].end);
      enabled.push_back(index);
    }
    std::erase_if(enabled, [&](int index) { return operations_[index].begin > first_end; });
    return enabled;
  }

  std::vector<int64_t> Moved(const std::vector<int64_t>& state, const BalanceOperation& operation) const {
    std::vector<int64_t> moved = state;
    for (size_t i = 0; i < moved.size(); ++i) moved[i] += operation.units[i];
    return moved;
  }

  bool IsWithinBounds(const std::vector<int64_t>& state) const {
    int64_t sum = 0;
    for (const int64_t units : state) {
      if (units < 0) return false;
      sum += units;
    }
    return sum <= balances_.most;
  }

  bool Fits(const std::vector<int64_t>& state, const BalanceOperation& operation) const {
    if (operation.kind == Kind::kRead) return state == operation.units;
    return IsWithinBounds(Moved(state, operation)) == (operation.kind == Kind::kMove);
  }

  void Choose(Point& point) const {
    for (const int index : Enabled(point.applied)) {
      const BalanceOperation& operation = operations_[index];
      if (!Fits(point.state, operation)) continue;
      if (operation.kind != Kind::kMove) {
        point.choices = {index};
        return;
      }
      point.choices.push_back(index);
    }
    // What was answered first probably took effect first.
    std::stable_sort(point.choices.begin(), point.choices.end(),
                     [this](int a, int b) { return operations_[a].end < operations_[b].end; });
  }

  Point After(const Point& point, int index) const {
    Point next{.applied = point.applied, .state = point.state};
    next.applied.Add(index);
    if (operations_[index].kind == Kind::kMove) next.state = Moved(point.state, operations_[index]);
    return next;
  }

  std::string Complaint() const {
    std::string text = absl::StrCat("after ", deepest_size_ - 1, " of ", Size(), " operations the balances are ",
                                    absl::StrJoin(deepest_.state, ","), ", and none of these can be all that follows:");
    for (const int index : Enabled(deepest_.applied)) absl::StrAppend(&text, "\n  ", operations_[index].ToString());
    return text;
  }

  int Size() const { return static_cast<int>(operations_.size()); }

  const BalanceRegister balances_;
  std::vector<BalanceOperation> operations_;  // by begin
  std::unordered_set<std::string> seen_;
  size_t deepest_size_ = 1;
  Point deepest_;
};

}  // namespace

std::string BalanceOperation::ToString() const {
  constexpr const char* kNames[] = {"moved", "read", "was refused"};
  return absl::StrCat(name, " ", kNames[static_cast<int>(kind)], " ", absl::StrJoin(units, ","), " in [", begin, ", ",
                      end == kNever ? "never" : absl::StrCat(end), "]");
}

Linearizability CheckLinearizable(const BalanceRegister& balances, std::vector<BalanceOperation> operations,
                                  int64_t most_steps) {
  return Search(balances, std::move(operations)).Run(most_steps);
}

}  // namespace zhuxiao::testing
