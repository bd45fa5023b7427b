#include "services/round/archive.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "services/base/errors.h"
#include "services/base/strings.h"
#include "services/round/records.h"
#include "services/round_files/write_round.h"
#include "services/store/page.h"

namespace zhuxiao::round {
namespace {

// A directory of its own under the system's for temporary files, removed with all in it.
class ScratchFiles {
 public:
  static absl::StatusOr<std::unique_ptr<ScratchFiles>> Make() {
    std::error_code error;
    std::string path = std::filesystem::temp_directory_path(error).string() + "/zhuxiao-round-XXXXXX";
    if (error || mkdtemp(path.data()) == nullptr) {
      return absl::UnavailableError(base::View(base::StrCat("no temporary directory can be made: ", path)));
    }
    return std::unique_ptr<ScratchFiles>(new ScratchFiles(std::move(path)));
  }
  ~ScratchFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  absl::Status Append(const storage::v1::RoundFilePiece& piece) {
    std::ofstream file(path_ + "/" + piece.file(), std::ios::binary | std::ios::app);
    file.write(piece.content().data(), static_cast<std::streamsize>(piece.content().size()));
    file.close();
    if (file) return absl::OkStatus();
    return absl::UnavailableError(base::View(base::StrCat("cannot write ", path_, "/", piece.file())));
  }

  const std::string& path() const { return path_; }

 private:
  explicit ScratchFiles(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

absl::StatusOr<std::unique_ptr<ScratchFiles>> Unpack(store::Reader& reader, std::string_view round_id,
                                                     ArchivePart part) {
  auto scratch = ScratchFiles::Make();
  if (!scratch.ok()) return scratch.status();
  absl::Status unpacked =
      ForEachPiece(reader, round_id, part, [&](const auto& piece) { return (*scratch)->Append(piece); });
  if (!unpacked.ok()) return unpacked;
  return scratch;
}

// What the store holds was written by this program; if it cannot be read back, it is damaged.
absl::Status AsDataLoss(const absl::Status& status, std::string_view round_id) {
  if (!absl::IsInvalidArgument(status)) return status;
  return base::DataLoss(base::StrCat("the files of round ", round_id, " cannot be read: ", status.ToString()));
}

}  // namespace

void PieceCutter::Append(std::string_view file, std::string_view text) {
  if (piece_.file() != file) {
    HandOn();
    piece_.set_file(std::string(file));
  }
  while (!text.empty()) {
    const size_t taken = std::min(text.size(), kPieceBytes - piece_.content().size());
    piece_.mutable_content()->append(text.substr(0, taken));
    text.remove_prefix(taken);
    if (piece_.content().size() == kPieceBytes) HandOn();
  }
}

void PieceCutter::HandOn() {
  if (!piece_.content().empty() && status_.ok()) status_ = keep_(number_++, piece_);
  piece_.clear_content();
}

absl::Status PieceCutter::Finish() {
  HandOn();
  return status_;
}

void FormatFrozen(const Frozen& frozen, round_files::FileSink sink) {
  round_files::FormatRound(frozen.input, sink);
  {
    round_files::Lines lines(kVersionsFile, "id,etag", sink);
    for (const FrozenVersion& version : frozen.versions) {
      lines.Text(version.id);
      lines.Text(version.etag);
      lines.End();
    }
  }
  round_files::Lines lines(kLeftOutFile, "id,reason", sink);
  for (const LeftOut& row : frozen.left_out) {
    lines.Text(row.id);
    lines.Text(v1::RoundLeftOut_Name(row.reason));
    lines.End();
  }
}

std::string InputDigestOf(const round_files::RoundInput& input) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  round_files::FormatRound(input, [&](std::string_view, std::string_view text) {
    EVP_DigestUpdate(context.get(), text.data(), text.size());
  });
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), size});
}

std::string PartPrefix(std::string_view round_id, ArchivePart part) {
  constexpr std::array<std::string_view, 3> kNames = {"input", "result", "settled"};
  return store::Key(kRoundFile, round_id, kNames[static_cast<size_t>(part)], "");
}

std::string PieceKey(std::string_view round_id, ArchivePart part, int64_t number) {
  return PartPrefix(round_id, part) + store::OrderedNumber(number);
}

absl::Status ForEachPiece(store::Reader& reader, std::string_view round_id, ArchivePart part,
                          const std::function<absl::Status(const storage::v1::RoundFilePiece&)>& visit) {
  return store::WalkAll(reader, PartPrefix(round_id, part), [&](const store::KeyValue& row) -> absl::Status {
    storage::v1::RoundFilePiece piece;
    if (!piece.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    return visit(piece);
  });
}

absl::StatusOr<round_files::RoundInput> LoadInput(store::Reader& reader, std::string_view round_id,
                                                  std::string_view digest) {
  auto scratch = Unpack(reader, round_id, ArchivePart::kInput);
  if (!scratch.ok()) return scratch.status();
  auto input = round_files::ReadFrozenRound((*scratch)->path());
  if (!input.ok()) return AsDataLoss(input.status(), round_id);
  if (InputDigestOf(*input) != digest) {
    return base::DataLoss(base::StrCat("the files of round ", round_id, " are not those that were frozen"));
  }
  return input;
}

absl::StatusOr<round_files::Outcome> LoadOutcome(store::Reader& reader, std::string_view round_id,
                                                 const round_files::RoundIds& ids) {
  auto scratch = Unpack(reader, round_id, ArchivePart::kResult);
  if (!scratch.ok()) return scratch.status();
  auto outcome = round_files::ReadOutcome((*scratch)->path(), ids);
  if (!outcome.ok()) return AsDataLoss(outcome.status(), round_id);
  return outcome;
}

absl::StatusOr<v1::RoundLeftOut> FindLeftOut(store::Reader& reader, std::string_view round_id, std::string_view id) {
  std::string text;
  absl::Status read = ForEachPiece(reader, round_id, ArchivePart::kInput, [&](const auto& piece) {
    if (piece.file() == kLeftOutFile) text += piece.content();
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  // Ids and reasons never need quotes.
  const std::string row = base::StrCat("\r\n", id, ",");
  const size_t at = text.find(row);
  if (at == std::string::npos) return v1::ROUND_LEFT_OUT_UNSPECIFIED;
  const size_t begin = at + row.size();
  v1::RoundLeftOut reason = v1::ROUND_LEFT_OUT_UNSPECIFIED;
  if (!v1::RoundLeftOut_Parse(text.substr(begin, text.find("\r\n", begin) - begin), &reason)) {
    return base::DataLoss(base::StrCat("what round ", round_id, " left out cannot be read"));
  }
  return reason;
}

}  // namespace zhuxiao::round
