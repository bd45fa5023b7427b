#include "tests/support/fault_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

namespace zhuxiao::testing {

FaultPage::FaultPage(const std::string& directory) : path_(directory + "/faults") {
  const int file = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(FaultValues)) != 0) std::abort();
  void* const mapped = mmap(nullptr, sizeof(FaultValues), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) std::abort();
  values_ = new (mapped) FaultValues;
}

FaultPage::~FaultPage() { munmap(values_, sizeof(FaultValues)); }

std::vector<std::string> FaultPage::environment() const {
  return {std::string("LD_PRELOAD=") + ZHUXIAO_FAULT_PRELOAD, std::string(kFaultPageVariable) + "=" + path_};
}

}  // namespace zhuxiao::testing
