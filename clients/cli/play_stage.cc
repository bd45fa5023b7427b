// Where the play is played.
#include "clients/cli/play_stage.h"

#include <algorithm>

#include "clients/cli/table.h"
#include "clients/cli/width.h"

namespace zhuxiao::cli {
namespace {

constexpr int kSceneCount = 6;

bool IsDecimal(const std::string& text) { return text.find_first_not_of("-.0123456789") == std::string::npos; }

}  // namespace

Stage::Stage(const Session& session, const std::map<std::string, std::string>& tokens) : session_(session) {
  for (const auto& [name, token] : tokens) clients_.emplace(name, session.ClientFor(token));
}

void Stage::Fail(const absl::Status& status, std::string_view name) {
  if (!ok() || status.ok()) return;
  status_ = status;
  session_.environment().err << session_.Say("play.failed", {std::string(name)}) << "\n";
}

void Stage::Scene(std::string_view key) {
  if (!ok()) return;
  ++scene_;
  const std::string title = "[" + Digits(scene_) + "/" + Digits(kSceneCount) + "] " + Word(key);
  session_.environment().out << "\n" << title << "\n" << std::string(DisplayWidth(title), '=') << "\n" << std::flush;
}

void Stage::Tell(std::string_view key, const std::vector<std::string>& arguments) {
  if (ok()) session_.environment().out << session_.Say(key, arguments) << "\n" << std::flush;
}

void Stage::Show(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows) {
  if (!ok()) return;
  std::vector<Column> columns;
  for (size_t i = 0; i < titles.size(); ++i) {
    const bool is_number = std::all_of(rows.begin(), rows.end(), [i](const auto& row) { return IsDecimal(row[i]); });
    columns.push_back({Word(titles[i]), is_number});
  }
  Table table(std::move(columns));
  for (const auto& row : rows) table.AddRow(row);
  session_.environment().out << table.Draw(2) << std::flush;
}

void Stage::ShowRows(const google::protobuf::Message& message, std::string_view field) {
  if (!ok()) return;
  session_.environment().out << session_.MakeRenderer().Rows(
                                    message, *message.GetDescriptor()->FindFieldByName(std::string(field)), 2)
                             << std::flush;
}

}  // namespace zhuxiao::cli
