// The offline calculator against a slow and obvious model, over random worlds; and that the order and repetition of
// rows change no byte of the results. A failure prints the seed of its world; run again with ZHUXIAO_TEST_SEED set to
// the run's seed. ZHUXIAO_TEST_WORLDS sets how many worlds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <numeric>

#include "absl/strings/str_split.h"
#include "services/reward/offline/compute.h"
#include "tests/property/reward_world.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/seed.h"

namespace zhuxiao::reward {
namespace {

constexpr int kDefaultWorlds = 10'000;

int WorldCount() {
  const char* text = std::getenv("ZHUXIAO_TEST_WORLDS");
  return text == nullptr ? kDefaultWorlds : std::atoi(text);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Files {
  std::string statement, lines;
  bool operator==(const Files&) const = default;
};

Files Calculate(const World& world, const std::vector<size_t>& order, const std::string& directory, size_t threads) {
  const std::string sales = directory + "/sales.csv";
  std::ofstream(sales, std::ios::binary) << CsvOf(world, order);
  offline::FaultList faults;
  const auto computed = offline::Compute(world.policy, world.lists,
                                         {.sales_path = sales, .out_directory = directory, .threads = threads}, faults);
  EXPECT_TRUE(computed.ok()) << computed.status();
  for (const offline::Fault& fault : faults.Sorted()) ADD_FAILURE() << fault.line << ": " << fault.what;
  return {ReadFile(directory + "/statement.csv"), ReadFile(directory + "/lines.csv")};
}

// The lines of a file without its header and, `is_statement`, without the reason of the award.
std::vector<std::string> RowsOf(const std::string& text, bool is_statement) {
  std::vector<std::string> rows = absl::StrSplit(text, '\n', absl::SkipEmpty());
  rows.erase(rows.begin());
  for (std::string& row : rows) {
    if (is_statement) row.erase(row.rfind(','));
  }
  return rows;
}

TEST(RewardOffline, AgreesWithTheModelToTheFenInAnyOrderOfRows) {
  const uint64_t seed = TestSeed();
  std::mt19937_64 seeds(seed);
  // In memory where that can be: results are made durable, and a disk would take far longer than the computing.
  if (std::filesystem::is_directory("/dev/shm")) setenv("TMPDIR", "/dev/shm", /*overwrite=*/0);
  const ScratchDirectory directory;
  for (int i = 0; i < WorldCount(); ++i) {
    const uint64_t world_seed = seeds();
    SCOPED_TRACE(testing::Message() << "ZHUXIAO_TEST_SEED=" << seed << ", world " << i << " of seed " << world_seed);
    std::mt19937_64 rng(world_seed);
    const World world = MakeWorld(rng);
    std::vector<size_t> order(world.rows.size());
    std::iota(order.begin(), order.end(), 0);
    const Files files = Calculate(world, order, directory.path(), 1);

    const ModelResult model = RewardWorldModel(world).Compute();
    EXPECT_EQ(RowsOf(files.statement, true), model.statement);
    std::vector<std::string> lines = RowsOf(files.lines, false);
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines, model.lines);

    std::vector<size_t> other = order;
    for (const size_t row : order) {
      if (rng() % 3 == 0) other.push_back(row);
    }
    std::shuffle(other.begin(), other.end(), rng);
    EXPECT_EQ(Calculate(world, other, directory.path(), 2), files);
    if (testing::Test::HasFailure()) {
      FAIL() << CsvOf(world, order);
    }
  }
}

}  // namespace
}  // namespace zhuxiao::reward
