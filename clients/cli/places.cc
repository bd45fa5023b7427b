#include "clients/cli/places.h"

#include <filesystem>
#include <string>

#include "services/base/strings.h"
#include "services/round_files/write_batch.h"

namespace zhuxiao::cli {

void RequireNames(const Arguments& arguments, const std::vector<std::string_view>& options, base::FieldErrors& errors) {
  for (const std::string_view option : options) {
    const bool is_empty = arguments.find(option) != arguments.end() && TextOption(arguments, option).empty();
    errors.Require(!is_empty, base::StrCat("--", option), "must not be empty");
  }
}

absl::Status FindPlaces(const Arguments& arguments, const std::vector<std::string_view>& options) {
  for (const std::string_view option : options) {
    const std::string dir = TextOption(arguments, option);
    std::error_code error;
    const auto status = std::filesystem::status(dir, error);
    if (dir.empty() || std::filesystem::is_directory(status)) continue;
    if (status.type() == std::filesystem::file_type::not_found) {
      return absl::NotFoundError(base::View(base::StrCat("--", option, ": there is no directory ", dir)));
    }
    base::FieldErrors errors;
    // Where it cannot even be looked at, the system says why.
    const bool is_known = std::filesystem::status_known(status);
    errors.Add(base::StrCat("--", option),
               is_known ? "is not a directory" : base::StrCat("cannot be read: ", error.message()));
    return errors.ToStatus();
  }
  return absl::OkStatus();
}

absl::Status TryPlace(const Arguments& arguments, std::string_view option) {
  base::FieldErrors errors;
  const absl::Status tried = round_files::TryDirectory(TextOption(arguments, option));
  errors.Require(tried.ok(), base::StrCat("--", option), std::string(tried.message()));
  return errors.ToStatus();
}

}  // namespace zhuxiao::cli
