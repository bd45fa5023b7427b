// Lines on their way from the input to where they are settled.
#include "services/reward/offline/spill.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "services/reward/offline/temporary_file.h"

namespace zhuxiao::reward::offline {
namespace {

// A thread's buffer for one partition: with 256 partitions and two threads 16 MB in all.
constexpr size_t kBufferBytes = 32u << 10;

}  // namespace

std::string KeyOf(std::string_view platform, std::string_view order_no, std::string_view line_no) {
  std::string key;
  key.reserve(platform.size() + order_no.size() + line_no.size() + 2);
  key.append(platform);
  key.push_back(kKeyBreak);
  key.append(order_no);
  key.push_back(kKeyBreak);
  key.append(line_no);
  return key;
}

std::string_view OrderPart(std::string_view key) { return key.substr(0, key.rfind(kKeyBreak)); }

absl::StatusOr<std::unique_ptr<Spill>> Spill::Create(size_t partitions, const std::string& directory) {
  auto spill = std::make_unique<Spill>();
  for (size_t i = 0; i < partitions; ++i) {
    auto file = std::make_unique<File>();
    const auto fd = OpenTemporary(directory);
    if (!fd.ok()) return fd.status();
    file->fd = *fd;
    spill->files_.push_back(std::move(file));
  }
  return spill;
}

Spill::~Spill() {
  for (const auto& file : files_) {
    if (file->fd >= 0) close(file->fd);
  }
}

absl::Status Spill::Append(size_t partition, std::string_view bytes) {
  File& file = *files_[partition];
  const absl::MutexLock lock(&file.mutex);
  absl::Status status = WriteFully(file.fd, file.size, bytes);
  file.size += static_cast<int64_t>(bytes.size());
  return status;
}

absl::StatusOr<std::string> Spill::Take(size_t partition) {
  File& file = *files_[partition];
  const absl::MutexLock lock(&file.mutex);
  std::string bytes(static_cast<size_t>(file.size), '\0');
  if (absl::Status status = ReadFully(file.fd, 0, bytes.data(), bytes.size()); !status.ok()) return status;
  file.size = 0;
  if (ftruncate(file.fd, 0) != 0) return absl::InternalError("cannot empty a temporary file");
  return bytes;
}

absl::Status SpillWriter::Write(size_t partition, LineFacts facts, std::string_view place, std::string_view own) {
  facts.place_size = static_cast<uint16_t>(place.size());
  facts.own_size = static_cast<uint16_t>(own.size());
  facts.order_size = static_cast<uint16_t>(OrderPart(place).size());
  std::string& buffer = buffers_[partition];
  buffer.append(reinterpret_cast<const char*>(&facts), sizeof(facts));
  buffer.append(place);
  buffer.append(own);
  ++count_;
  if (buffer.size() < kBufferBytes) return absl::OkStatus();
  absl::Status status = spill_.Append(partition, buffer);
  buffer.clear();
  return status;
}

absl::Status SpillWriter::Flush() {
  for (size_t i = 0; i < buffers_.size(); ++i) {
    if (absl::Status status = spill_.Append(i, buffers_[i]); !status.ok()) return status;
    std::string().swap(buffers_[i]);
  }
  return absl::OkStatus();
}

std::vector<Line> DecodeLines(std::string_view bytes) {
  std::vector<Line> lines;
  for (size_t at = 0; at < bytes.size();) {
    Line line;
    std::memcpy(&line.facts, bytes.data() + at, sizeof(LineFacts));
    at += sizeof(LineFacts);
    line.place = bytes.substr(at, line.facts.place_size);
    at += line.facts.place_size;
    line.own = bytes.substr(at, line.facts.own_size);
    at += line.facts.own_size;
    lines.push_back(line);
  }
  return lines;
}

}  // namespace zhuxiao::reward::offline
