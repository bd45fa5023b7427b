// The open files of a round as the store keeps them: in pieces, exactly as they are given to anyone. A round is
// computed, explained and published from these alone, so that what was cleared can be checked to the byte.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/round/freeze.h"
#include "services/round_files/clearing_files.h"
#include "services/round_files/read_round.h"
#include "services/store/store.h"
#include "zhuxiao/storage/v1/round.pb.h"

namespace zhuxiao::round {

// What was frozen, what was decided, and what became of that.
enum class ArchivePart { kInput, kResult, kSettled };

// Files of the input besides those of round_files: which version of each row was frozen (id, etag), and what did not
// take part (id, reason).
inline constexpr std::string_view kVersionsFile = "versions.csv";
inline constexpr std::string_view kLeftOutFile = "left_out.csv";

// Cuts files into pieces of at most kPieceBytes and hands them on in order.
inline constexpr size_t kPieceBytes = 256 << 10;  // a few make a transaction, and one fits a message

class PieceCutter {
 public:
  using Keep = std::function<absl::Status(int64_t number, const storage::v1::RoundFilePiece& piece)>;
  explicit PieceCutter(Keep keep) : keep_(std::move(keep)) {}

  void Append(std::string_view file, std::string_view text);
  // Hands on the last piece. Returns the first error of `keep`, after which nothing more was handed on.
  absl::Status Finish();

 private:
  void HandOn();

  const Keep keep_;
  int64_t number_ = 0;
  storage::v1::RoundFilePiece piece_;
  absl::Status status_;
};

// Gives the files of what was frozen to `sink`: the six of a round, then versions.csv and left_out.csv.
void FormatFrozen(const Frozen& frozen, round_files::FileSink sink);

// SHA-256 of the six files of a round, one after another, as 64 hexadecimal digits.
std::string InputDigestOf(const round_files::RoundInput& input);

// The key prefix of a part, and of one piece of it.
std::string PartPrefix(std::string_view round_id, ArchivePart part);
std::string PieceKey(std::string_view round_id, ArchivePart part, int64_t number);

// Calls `visit` with the pieces of a part in order.
absl::Status ForEachPiece(store::Reader& reader, std::string_view round_id, ArchivePart part,
                          const std::function<absl::Status(const storage::v1::RoundFilePiece&)>& visit);

// The round as frozen. DATA_LOSS where its digest is not `digest`. Goes through a directory of temporary files, removed
// again.
absl::StatusOr<round_files::RoundInput> LoadInput(store::Reader& reader, std::string_view round_id,
                                                  std::string_view digest);

// The result, for the ids of its input.
absl::StatusOr<round_files::Outcome> LoadOutcome(store::Reader& reader, std::string_view round_id,
                                                 const round_files::RoundIds& ids);

// Why `id` did not take part; UNSPECIFIED where it is not among what was left out.
absl::StatusOr<v1::RoundLeftOut> FindLeftOut(store::Reader& reader, std::string_view round_id, std::string_view id);

}  // namespace zhuxiao::round
