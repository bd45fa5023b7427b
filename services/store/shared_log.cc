// The form of places and bodies.
#include "services/store/shared_log.h"

#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/digest.h"
#include "services/base/errors.h"
#include "services/base/strings.h"

namespace zhuxiao::store {
namespace {

// MessagePack's markers of arrays and strings with 32-bit lengths, and of arrays of four and five.
constexpr char kArray32 = '\xdd';
constexpr char kString32 = '\xdb';
constexpr char kArrayOf4 = '\x94';
constexpr char kArrayOf5 = '\x95';
constexpr size_t kHeadBytes = 5;

void AppendHead(std::string& out, char marker, size_t size) {
  out.push_back(marker);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
}

void AppendText(std::string& out, std::string_view text) {
  AppendHead(out, kString32, text.size());
  out.append(text);
}

void AppendTexts(std::string& out, const std::vector<std::string_view>& texts) {
  AppendHead(out, kArray32, texts.size());
  for (const std::string_view text : texts) AppendText(out, text);
}

size_t BytesOf(const std::vector<std::string_view>& texts) {
  size_t bytes = kHeadBytes;
  for (const std::string_view text : texts) bytes += kHeadBytes + text.size();
  return bytes;
}

// Takes heads and texts off the front of a text; stays failed once something did not fit.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool TakeByte(char expected) {
    if (rest_.empty() || rest_.front() != expected) return Fail();
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view TakeText() {
    const size_t size = TakeHead(kString32);
    if (size > rest_.size()) Fail();
    if (has_failed_) return {};
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  uint64_t TakeNumber() {
    const std::string_view text = TakeText();
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) Fail();
    return number;
  }

  std::vector<std::string_view> TakeTexts() {
    const size_t count = TakeHead(kArray32);
    std::vector<std::string_view> texts;
    for (size_t i = 0; i < count && !has_failed_; ++i) texts.push_back(TakeText());
    return texts;
  }

  bool is_done() const { return !has_failed_ && rest_.empty(); }

 private:
  bool Fail() {
    has_failed_ = true;
    return false;
  }

  size_t TakeHead(char marker) {
    if (!TakeByte(marker) || rest_.size() < kHeadBytes - 1) {
      Fail();
      return 0;
    }
    size_t size = 0;
    for (size_t i = 0; i < kHeadBytes - 1; ++i) size = size << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(kHeadBytes - 1);
    return size;
  }

  std::string_view rest_;
  bool has_failed_ = false;
};

}  // namespace

LogPlace LogPlace::After(std::string_view body) const {
  std::string text = hash;
  text.append(body);
  return {version + 1, base::Sha256(text)};
}

std::string CopyState::ToRow() const {
  std::string row = base::StrCat(place.version, " ", absl::BytesToHexString(base::View(place.hash)));
  if (sum) base::StrAppend(&row, " ", sum->value());
  return row;
}

absl::StatusOr<CopyState> CopyState::FromRow(std::string_view row) {
  const absl::Status unreadable = base::DataLoss("unreadable place in the shared log");
  const std::vector<std::string> parts = absl::StrSplit(base::View(row), ' ');
  if (parts.size() < 2 || parts.size() > 3 || parts[1].size() != 2 * base::kSha256Bytes) return unreadable;
  CopyState state;
  if (!absl::SimpleAtoi(parts[0], &state.place.version)) return unreadable;
  state.place.hash = absl::HexStringToBytes(parts[1]);
  uint64_t sum = 0;
  if (parts.size() == 3 && !absl::SimpleAtoi(parts[2], &sum)) return unreadable;
  if (parts.size() == 3) state.sum = ContentSum(sum);
  return state;
}

std::string LogBody::Encode() const {
  std::string out;
  out.reserve(1 + kHeadBytes + author.size() + BytesOf(puts) + BytesOf(deletes) + BytesOf(events));
  out.push_back(sum ? kArrayOf5 : kArrayOf4);
  AppendText(out, author);
  AppendTexts(out, puts);
  AppendTexts(out, deletes);
  AppendTexts(out, events);
  if (sum) AppendText(out, base::StrCat(sum->value()));
  return out;
}

absl::StatusOr<LogBody> LogBody::Decode(std::string_view text) {
  Cursor cursor(text);
  LogBody body;
  const bool has_sum = !text.empty() && text.front() == kArrayOf5;
  cursor.TakeByte(has_sum ? kArrayOf5 : kArrayOf4);
  body.author = cursor.TakeText();
  body.puts = cursor.TakeTexts();
  body.deletes = cursor.TakeTexts();
  body.events = cursor.TakeTexts();
  if (has_sum) body.sum = ContentSum(cursor.TakeNumber());
  if (!cursor.is_done() || body.puts.size() % 2 != 0 || body.events.size() % 2 != 0) {
    return base::DataLoss("unreadable record in the shared log");
  }
  return body;
}

}  // namespace zhuxiao::store
