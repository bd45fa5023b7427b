// A record: one file that holds a computation of rewards whole, its policy, its input and its outcome, signed. The
// signature covers a short manifest in plain text, and the manifest the digest of each part:
//
//   zhuxiao reward record 1
//   fact NAME VALUE                one line each, what the record is about
//   part NAME SIZE SHA256          one line each, in the order in which their bytes follow
//   key PUBLIC_KEY                 32 bytes in hexadecimal
//   signature SIGNATURE            64 bytes in hexadecimal, over all lines above as they stand
//   (an empty line, then the bytes of the parts)
//
// The same parts, facts and key give the same file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/reward/record/signing_key.h"

namespace zhuxiao::reward::record {

// Parts a record may have. Policy, sales, statement and lines are in each.
inline constexpr char kPolicyPart[] = "policy.toml";
inline constexpr char kListsPart[] = "designations.csv";
inline constexpr char kApplicantsPart[] = "applicants.csv";
inline constexpr char kSalesPart[] = "sales.csv";
inline constexpr char kStatementPart[] = "statement.csv";
inline constexpr char kLinesPart[] = "lines.csv";

// The fact that tells by which rules of computing the outcome was made. It is raised when the same input would give
// other bytes.
inline constexpr char kEngineFact[] = "engine";
inline constexpr char kEngineVersion[] = "1";

// The longest manifest: a hundred facts and six parts stay far below it.
inline constexpr size_t kMaxManifestBytes = 64 << 10;

struct PartSource {
  std::string name;
  std::string path;
};
using Facts = std::vector<std::pair<std::string, std::string>>;

struct Part {
  std::string name;
  int64_t size = 0;
  std::string sha256;  // hexadecimal
};

struct Manifest {
  Facts facts;
  std::vector<Part> parts;
  PublicKey key;
};

// Writes a record of the files at `path`, which appears when it is complete; the fact of the engine is added. Names of
// facts are words, values one line. INTERNAL where a file cannot be read or `path` not be written.
absl::Status WriteRecord(const Facts& facts, const std::vector<PartSource>& parts, const SigningKey& key,
                         const std::string& path);

// Reads the manifest and its parts and puts these into `directory` under their names. Refused with every reason at
// once: NOT_FOUND where there is no such file; INVALID_ARGUMENT where it is no record; FAILED_PRECONDITION where it was
// changed (the signature is not one of the manifest, or a part is not what the manifest says) or was signed by another
// key than `expected`.
absl::StatusOr<Manifest> UnpackRecord(const std::string& path, const std::optional<PublicKey>& expected,
                                      const std::string& directory);

}  // namespace zhuxiao::reward::record
