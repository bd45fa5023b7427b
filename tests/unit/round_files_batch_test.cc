// Files that are replaced together: whenever the process that does so is killed or told to end, no directory looks
// whole that is not, and what is left over is gone after the next time.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>
#include <vector>

#include "services/round_files/write_batch.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::round_files {
namespace {

constexpr const char* kFiles[] = {"contracts.csv", "report.json", "prices.csv"};

// A process that stops at its system calls.
class TracedProcess {
 public:
  explicit TracedProcess(const std::function<void()>& work) : id_(fork()) {
    if (id_ == 0) {
      if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
      raise(SIGSTOP);
      work();
      _exit(0);
    }
    waitpid(id_, &status_, 0);
  }

  // Goes on to the next beginning or end of a system call; false where there is none.
  bool Step() {
    ptrace(PTRACE_SYSCALL, id_, nullptr, nullptr);
    waitpid(id_, &status_, 0);
    return WIFSTOPPED(status_);
  }

  // Has it get `signal`, where it has not ended, and go on to its end.
  void End(int signal) {
    if (!WIFSTOPPED(status_)) return;
    kill(id_, signal);
    for (int given = 0; WIFSTOPPED(status_); given = WIFSTOPPED(status_) ? WSTOPSIG(status_) : 0) {
      ptrace(PTRACE_CONT, id_, nullptr, given == SIGTRAP ? 0 : given);
      waitpid(id_, &status_, 0);
    }
  }

 private:
  const pid_t id_;
  int status_ = 0;
};

class BatchTest : public testing::Test {
 protected:
  absl::Status Write(const std::string& text) {
    WriteBatch batch(Dir());
    for (const char* file : kFiles) {
      batch.Begin(file);
      batch.Append(text);
    }
    return batch.Commit();
  }

  std::string Dir() const { return directory_.path() + "/out"; }
  std::string Path(const std::string& name) const { return Dir() + "/" + name; }
  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  int64_t FileCount() const { return std::distance(std::filesystem::directory_iterator(Dir()), {}); }

  // That the report stands for: all files are there, and say the same.
  void ExpectWhole() const {
    for (const char* file : kFiles) EXPECT_EQ(Read(file), Read("report.json")) << file;
  }

  ScratchDirectory directory_;
};

TEST_F(BatchTest, KilledAtAnySystemCallItLeavesNothingThatLooksWholeAndIsNot) {
  int half_placed = 0;
  bool is_over = false;
  for (int calls = 1; !is_over; ++calls) {
    SCOPED_TRACE(calls);
    ASSERT_LT(calls, 10'000);
    std::filesystem::remove_all(Dir());
    ASSERT_TRUE(Write("old").ok());
    TracedProcess process([&] { Write("new").IgnoreError(); });
    for (int i = 0; i < calls && !is_over; ++i) is_over = !process.Step();
    process.End(SIGKILL);
    if (std::filesystem::exists(Path("report.json"))) {
      ASSERT_NO_FATAL_FAILURE(ExpectWhole());
    } else {
      ++half_placed;
    }
    ASSERT_TRUE(Write("next").ok());
    ASSERT_EQ(FileCount(), std::size(kFiles));
    ASSERT_EQ(Read("report.json"), "next");
  }
  EXPECT_GT(half_placed, 3);
  EXPECT_LT(half_placed, 100);
}

// Other threads of the process, which do nothing about signals, must not die of them either.
TEST_F(BatchTest, ToldToEndItPutsAllFilesInTheirPlacesOrNone) {
  int replaced = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    bool is_over = false;
    for (int calls = 1; !is_over; ++calls) {
      SCOPED_TRACE(calls);
      std::filesystem::remove_all(Dir());
      ASSERT_TRUE(Write("old").ok());
      TracedProcess process([&] {
        std::thread([] { pause(); }).detach();
        Write("new").IgnoreError();
      });
      for (int i = 0; i < calls && !is_over; ++i) is_over = !process.Step();
      process.End(signal);
      ASSERT_TRUE(std::filesystem::exists(Path("report.json")));
      ASSERT_NO_FATAL_FAILURE(ExpectWhole());
      replaced += Read("report.json") == "new" && !is_over ? 1 : 0;
    }
  }
  EXPECT_GT(replaced, 10);
}

TEST_F(BatchTest, RemovesWhatProcessesLeftThatAreGoneAndNothingElse) {
  ASSERT_TRUE(Write("old").ok());
  const pid_t gone = fork();
  if (gone == 0) _exit(0);
  waitpid(gone, nullptr, 0);
  const std::string dead = std::to_string(gone);
  const std::string living = std::to_string(getppid());
  for (const std::string& name : std::vector<std::string>{
           ".contracts.csv." + dead + ".new", ".report.json." + dead + ".old", ".contracts.csv." + living + ".new",
           ".contracts.csv.x.new", ".hidden." + dead, "contracts.csv." + dead + ".old", "." + dead + ".new"}) {
    std::ofstream(Path(name)) << "x";
  }
  ASSERT_TRUE(Write("new").ok());
  EXPECT_FALSE(std::filesystem::exists(Path(".contracts.csv." + dead + ".new")));
  EXPECT_FALSE(std::filesystem::exists(Path(".report.json." + dead + ".old")));
  EXPECT_EQ(FileCount(), std::size(kFiles) + 5);
}

}  // namespace
}  // namespace zhuxiao::round_files
