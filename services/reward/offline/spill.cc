// Lines on their way from the input to where they are settled.
#include "services/reward/offline/spill.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "services/reward/offline/temporary_file.h"

namespace zhuxiao::reward::offline {
namespace {

// Numbers are mostly small: seven bits a byte, the lowest first, the top bit where more follow (LEB128).
void PutNumber(uint64_t number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(number | 0x80));
  out.push_back(static_cast<char>(number));
}

uint64_t TakeNumber(std::string_view& bytes) {
  uint64_t number = 0;
  size_t at = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    number |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) break;
  }
  bytes.remove_prefix(at);
  return number;
}

// A thread's buffer for one partition: with 256 partitions and two threads 16 MB in all.
constexpr size_t kBufferBytes = 32u << 10;

}  // namespace

std::string KeyOf(std::string_view platform, std::string_view order_no, std::string_view line_no) {
  std::string key;
  KeyInto(platform, order_no, line_no, key);
  return key;
}

void KeyInto(std::string_view platform, std::string_view order_no, std::string_view line_no, std::string& key) {
  key.assign(platform);
  key.push_back(kKeyBreak);
  key.append(order_no);
  key.push_back(kKeyBreak);
  key.append(line_no);
}

uint64_t PrefixOf(std::string_view key, size_t at) {
  if (key.size() >= at + sizeof(uint64_t)) {
    uint64_t prefix;
    std::memcpy(&prefix, key.data() + at, sizeof(prefix));
    return __builtin_bswap64(prefix);
  }
  uint64_t prefix = 0;
  for (size_t i = at; i < at + sizeof(prefix); ++i) {
    prefix = prefix << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  }
  return prefix;
}

std::string_view OrderPart(std::string_view key) { return key.substr(0, key.rfind(kKeyBreak)); }

Spill::Spill(size_t partitions, std::string directory, int64_t memory_bytes)
    : directory_(std::move(directory)), max_memory_bytes_(memory_bytes), partitions_(partitions) {}

Spill::~Spill() {
  for (Partition& partition : partitions_) {
    const absl::MutexLock lock(&partition.mutex);
    if (partition.fd >= 0) close(partition.fd);
  }
}

absl::Status Spill::Append(size_t index, std::string_view bytes) {
  if (bytes.empty()) return absl::OkStatus();
  Partition& partition = partitions_[index];
  const auto size = static_cast<int64_t>(bytes.size());
  const bool fits = memory_bytes_.fetch_add(size) + size <= max_memory_bytes_;
  const absl::MutexLock lock(&partition.mutex);
  if (fits) {
    partition.chunks.emplace_back(bytes);
    return absl::OkStatus();
  }
  memory_bytes_ -= size;
  return AppendToFile(partition, bytes);
}

absl::Status Spill::AppendToFile(Partition& partition, std::string_view bytes) {
  if (partition.fd < 0) {
    const auto fd = OpenTemporary(directory_);
    if (!fd.ok()) return fd.status();
    partition.fd = *fd;
  }
  absl::Status status = WriteFully(partition.fd, partition.file_size, bytes);
  partition.file_size += static_cast<int64_t>(bytes.size());
  return status;
}

absl::StatusOr<std::string> Spill::Take(size_t index) {
  Partition& partition = partitions_[index];
  const absl::MutexLock lock(&partition.mutex);
  std::string bytes(static_cast<size_t>(partition.file_size), '\0');
  if (partition.fd >= 0) {
    if (absl::Status status = ReadFully(partition.fd, 0, bytes.data(), bytes.size()); !status.ok()) return status;
    close(partition.fd);
    partition.fd = -1;
    partition.file_size = 0;
  }
  size_t total = bytes.size();
  for (const std::string& chunk : partition.chunks) total += chunk.size();
  bytes.reserve(total);
  for (std::string& chunk : partition.chunks) {
    memory_bytes_ -= static_cast<int64_t>(chunk.size());
    bytes += chunk;
    std::string().swap(chunk);
  }
  partition.chunks.clear();
  return bytes;
}

absl::Status SpillWriter::Write(size_t partition, const LineFacts& facts, std::string_view place,
                                std::string_view own) {
  std::string& buffer = buffers_[partition];
  const auto kind = static_cast<uint64_t>(facts.kind);
  const auto whole = static_cast<uint64_t>(facts.is_of_whole_order);
  PutNumber(static_cast<uint64_t>(facts.reason) << 2 | whole << 1 | kind, buffer);
  for (const int64_t number :
       {facts.amount_fen, facts.parcels, facts.parcel_fee_fen, facts.time_ns, facts.offset, facts.line}) {
    PutNumber(static_cast<uint64_t>(number), buffer);
  }
  for (const uint64_t number : {uint64_t{facts.record_size}, uint64_t{facts.claimant}, uint64_t{facts.window},
                                uint64_t{place.size()}, uint64_t{own.size()}, uint64_t{OrderPart(place).size()}}) {
    PutNumber(number, buffer);
  }
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
  while (!bytes.empty()) {
    Line line;
    LineFacts& facts = line.facts;
    const uint64_t kind = TakeNumber(bytes);
    facts.kind = static_cast<RowKind>(kind & 1);
    facts.is_of_whole_order = (kind >> 1 & 1) == 1;
    facts.reason = static_cast<engine::LineReason>(kind >> 2);
    for (int64_t* number :
         {&facts.amount_fen, &facts.parcels, &facts.parcel_fee_fen, &facts.time_ns, &facts.offset, &facts.line}) {
      *number = static_cast<int64_t>(TakeNumber(bytes));
    }
    facts.record_size = static_cast<uint32_t>(TakeNumber(bytes));
    facts.claimant = static_cast<uint32_t>(TakeNumber(bytes));
    facts.window = static_cast<uint16_t>(TakeNumber(bytes));
    const size_t place_size = TakeNumber(bytes);
    const size_t own_size = TakeNumber(bytes);
    facts.order_size = static_cast<uint16_t>(TakeNumber(bytes));
    line.place = bytes.substr(0, place_size);
    line.own = bytes.substr(place_size, own_size);
    bytes.remove_prefix(place_size + own_size);
    lines.push_back(line);
  }
  return lines;
}

}  // namespace zhuxiao::reward::offline
