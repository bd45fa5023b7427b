// Who watches stall cases and goes away.
#include "services/stall/case_watch.h"

#include <atomic>

#include "gtest/gtest.h"
#include "services/store/memory_store.h"
#include "tests/support/eventually.h"

namespace zhuxiao::stall {
namespace {

class FakeSink final : public CaseSink {
 public:
  explicit FakeSink(const std::atomic<bool>& is_over) : is_over_(is_over) {}
  bool Take(store::Reader&, const v1::StallCase&) override { return true; }
  bool IsOver() const override { return is_over_; }
  void End() override {}

 private:
  const std::atomic<bool>& is_over_;
};

TEST(CaseWatch, LetsGoOfASinkThatIsOverThoughNoCaseChanges) {
  store::MemoryStore store;
  CaseWatch watch(store);
  std::atomic<bool> is_over = false;
  auto gone = std::make_shared<FakeSink>(is_over);
  const std::atomic<bool> never = false;
  auto stays = std::make_shared<FakeSink>(never);
  watch.Add(gone);
  watch.Add(stays);
  is_over = true;
  EXPECT_TRUE(testing::Eventually([&] { return gone.use_count() == 1; }));
  EXPECT_GT(stays.use_count(), 1);
}

}  // namespace
}  // namespace zhuxiao::stall
