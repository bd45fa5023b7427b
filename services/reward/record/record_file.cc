// Records in and out.
#include "services/reward/record/record_file.h"

#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/digest.h"
#include "services/base/strings.h"

namespace zhuxiao::reward::record {
namespace {

constexpr std::string_view kTitle = "zhuxiao reward record 1";
// Parts go through memory in pieces of this size.
constexpr size_t kPieceBytes = 1 << 20;

class Digest {
 public:
  Digest() { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(context_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void Add(std::string_view piece) { EVP_DigestUpdate(context_, piece.data(), piece.size()); }
  std::string Hex() {
    std::string bytes(base::kSha256Bytes, '\0');
    EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(bytes.data()), nullptr);
    return absl::BytesToHexString(base::View(bytes));
  }

 private:
  EVP_MD_CTX* const context_ = EVP_MD_CTX_new();
};

// Reads at most `size` bytes of `in`, piece by piece; returns how many there were.
int64_t EachPiece(std::istream& in, int64_t size, const std::function<void(std::string_view)>& visit) {
  std::string piece(kPieceBytes, '\0');
  int64_t done = 0;
  while (done < size) {
    in.read(piece.data(), static_cast<std::streamsize>(std::min<int64_t>(kPieceBytes, size - done)));
    const auto got = static_cast<size_t>(in.gcount());
    if (got == 0) break;
    visit(std::string_view(piece).substr(0, got));
    done += static_cast<int64_t>(got);
  }
  return done;
}

absl::StatusOr<Part> Describe(const PartSource& source) {
  std::ifstream in(source.path, std::ios::binary);
  if (!in) return absl::InternalError(base::StrCat("cannot read ", source.path));
  Digest digest;
  const int64_t size = EachPiece(in, INT64_MAX, [&](std::string_view piece) { digest.Add(piece); });
  return Part{source.name, size, digest.Hex()};
}

absl::Status Append(const PartSource& source, const Part& part, std::ostream& out) {
  std::ifstream in(source.path, std::ios::binary);
  Digest digest;
  EachPiece(in, part.size, [&](std::string_view piece) {
    digest.Add(piece);
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  });
  if (digest.Hex() != part.sha256) return absl::InternalError(base::StrCat(source.path, " changed meanwhile"));
  return absl::OkStatus();
}

bool IsPartName(std::string_view name) {
  for (const std::string_view known :
       {kPolicyPart, kListsPart, kApplicantsPart, kSalesPart, kStatementPart, kLinesPart}) {
    if (name == known) return true;
  }
  return false;
}

// Reads the lines of a manifest.
class ManifestReader {
 public:
  explicit ManifestReader(std::istream& in) : in_(in) {}

  absl::StatusOr<Manifest> Read() {
    if (NextLine() != kTitle) return Wrong("is no record of rewards");
    Keep();
    for (std::string_view line = NextLine();; line = NextLine()) {
      const std::vector<std::string> words = absl::StrSplit(base::View(line), absl::MaxSplits(' ', 2));
      if (words[0] == "signature") return Finish(words);
      if (!TakeLine(words)) return Wrong(base::StrCat("line ", line_count_, " is no line of a manifest"));
      Keep();
    }
  }

  const std::string& signed_text() const { return signed_text_; }
  const std::string& signature() const { return signature_; }

 private:
  static absl::Status Wrong(std::string_view what) { return absl::InvalidArgumentError(base::View(what)); }

  std::string_view NextLine() {
    line_.clear();
    ++line_count_;
    for (int c = in_.get(); c != '\n' && c != EOF && signed_text_.size() + line_.size() < kMaxManifestBytes;
         c = in_.get()) {
      line_.push_back(static_cast<char>(c));
    }
    return line_;
  }

  void Keep() { base::StrAppend(&signed_text_, line_, "\n"); }

  bool TakeLine(const std::vector<std::string>& words) {
    if (words[0] == "fact" && words.size() == 3) {
      facts_.emplace_back(words[1], words[2]);
      return true;
    }
    if (words[0] == "key" && words.size() == 2) {
      key_ = absl::HexStringToBytes(words[1]);
      return true;
    }
    if (words[0] != "part" || words.size() != 3 || !IsPartName(words[1])) return false;
    const std::vector<std::string> numbers = absl::StrSplit(words[2], ' ');
    Part part{.name = words[1]};
    const bool is_again =
        std::any_of(parts_.begin(), parts_.end(), [&](const Part& other) { return other.name == part.name; });
    if (is_again || numbers.size() != 2 || !absl::SimpleAtoi(numbers[0], &part.size) || part.size < 0) return false;
    part.sha256 = numbers[1];
    parts_.push_back(std::move(part));
    return true;
  }

  absl::StatusOr<Manifest> Finish(const std::vector<std::string>& words) {
    if (words.size() == 2) signature_ = absl::HexStringToBytes(words[1]);
    auto key = PublicKey::FromBytes(key_);
    if (!key.ok() || signature_.size() != kSignatureBytes || !NextLine().empty()) return Wrong("is not signed");
    return Manifest{std::move(facts_), std::move(parts_), *std::move(key)};
  }

  std::istream& in_;
  std::string line_;
  int64_t line_count_ = 0;
  std::string signed_text_;
  Facts facts_;
  std::vector<Part> parts_;
  std::string key_;
  std::string signature_;
};

void CheckSignature(const Manifest& manifest, const ManifestReader& reader, const std::optional<PublicKey>& expected,
                    std::vector<std::string>& reasons) {
  if (!manifest.key.Verifies(reader.signed_text(), reader.signature())) {
    reasons.push_back("the signature is not one of this manifest: it was changed after it was signed");
  }
  if (expected && expected->bytes() != manifest.key.bytes()) {
    reasons.push_back(base::StrCat("signed by key ", manifest.key.Id(), ", not by ", expected->Id()));
  }
}

}  // namespace

absl::Status WriteRecord(const Facts& facts, const std::vector<PartSource>& sources, const SigningKey& key,
                         const std::string& path) {
  std::string text = base::StrCat(kTitle, "\nfact ", kEngineFact, " ", kEngineVersion, "\n");
  for (const auto& [name, value] : facts) base::StrAppend(&text, "fact ", name, " ", value, "\n");
  std::vector<Part> parts;
  for (const PartSource& source : sources) {
    auto part = Describe(source);
    if (!part.ok()) return part.status();
    base::StrAppend(&text, "part ", part->name, " ", part->size, " ", part->sha256, "\n");
    parts.push_back(*std::move(part));
  }
  base::StrAppend(&text, "key ", absl::BytesToHexString(base::View(key.public_key().bytes())), "\n");

  // Written beside and renamed, so that whoever sees the name sees all of it.
  const std::string draft = path + ".new";
  std::ofstream out(draft, std::ios::binary);
  out << text << "signature " << absl::BytesToHexString(base::View(key.Sign(text))) << "\n\n";
  absl::Status status;
  for (size_t i = 0; i < parts.size() && status.ok(); ++i) status = Append(sources[i], parts[i], out);
  out.close();
  std::error_code error;
  if (status.ok() && !out) status = absl::InternalError(base::StrCat("cannot write ", path));
  if (status.ok()) std::filesystem::rename(draft, path, error);
  if (status.ok() && error) status = absl::InternalError(base::StrCat("cannot write ", path));
  if (!status.ok()) std::filesystem::remove(draft, error);
  return status;
}

absl::StatusOr<Manifest> UnpackRecord(const std::string& path, const std::optional<PublicKey>& expected,
                                      const std::string& directory) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) return absl::NotFoundError(base::StrCat("cannot read ", path));
  ManifestReader reader(in);
  auto manifest = reader.Read();
  if (!manifest.ok()) return manifest;
  std::vector<std::string> reasons;
  CheckSignature(*manifest, reader, expected, reasons);
  for (const Part& part : manifest->parts) {
    std::ofstream out(base::StrCat(directory, "/", part.name), std::ios::binary);
    Digest digest;
    const int64_t size = EachPiece(in, part.size, [&](std::string_view piece) {
      digest.Add(piece);
      out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    });
    out.close();
    if (!out) return absl::InternalError(base::StrCat("cannot write into ", directory));
    if (size != part.size) {
      reasons.push_back(base::StrCat(part.name, " ends after ", size, " of ", part.size, " bytes"));
    } else if (digest.Hex() != part.sha256) {
      reasons.push_back(base::StrCat(part.name, " is not what was signed"));
    }
  }
  if (in.get() != EOF) reasons.push_back("more follows than was signed");
  for (const char* name : {kPolicyPart, kSalesPart, kStatementPart, kLinesPart}) {
    const bool is_there = std::any_of(manifest->parts.begin(), manifest->parts.end(),
                                      [&](const Part& part) { return part.name == name; });
    if (!is_there) reasons.push_back(base::StrCat(name, " is missing"));
  }
  if (!reasons.empty()) return absl::FailedPreconditionError(absl::StrJoin(reasons, "; "));
  return manifest;
}

}  // namespace zhuxiao::reward::record
