#include "tests/fault/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace zhuxiao::testing {
namespace {

std::string BallastOf(const std::string& path) { return path + "/ballast"; }

}  // namespace

std::unique_ptr<SmallDisk> SmallDisk::Make(int megabytes) {
  std::unique_ptr<SmallDisk> disk(new SmallDisk);
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", disk->path().c_str(), "tmpfs", 0, size.c_str()) != 0) {
    std::printf("no small disk: %s\n", std::strerror(errno));
    return nullptr;
  }
  return disk;
}

SmallDisk::~SmallDisk() { umount2(path().c_str(), MNT_DETACH); }

void SmallDisk::Fill() {
  const int ballast = open(BallastOf(path()).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  std::vector<char> block(1 << 20);
  for (size_t size = block.size(); size > 0; size /= 2) {
    while (write(ballast, block.data(), size) == static_cast<ssize_t>(size)) continue;
  }
  close(ballast);
}

void SmallDisk::Free() { unlink(BallastOf(path()).c_str()); }

}  // namespace zhuxiao::testing
