// Where the play is played: calls in the name of each principal, told to whoever watches.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/play_cast.h"
#include "clients/cli/session.h"

namespace zhuxiao::cli {

// Keeps the first error: after it every call does nothing and answers an empty message, so that a scene reads like the
// trade it plays and looks at status() once. Not thread-safe; `session` outlives it.
class Stage {
 public:
  Stage(const Session& session, const std::map<std::string, std::string>& tokens);

  const absl::Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  absl::Time now() const { return session_.environment().clock.Now(); }
  const Session& session() const { return session_; }
  const client::Client& As(std::string_view name) const { return clients_.find(name)->second; }

  // Calls as the principal of that name. An error ends the play.
  template <typename Response, typename Request>
  Response Call(std::string_view name, Request request) {
    if (!ok()) return Response();
    absl::StatusOr<Response> response = As(name).Call<Response>(std::move(request));
    if (response.ok()) return *std::move(response);
    Fail(response.status(), name);
    return Response();
  }

  // The same where an error is an answer: NOT_FOUND of a thing not made yet, a refusal that is the point of a scene.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(std::string_view name, Request request) {
    if (!ok()) return status_;
    return As(name).Call<Response>(std::move(request));
  }

  // Ends the play.
  void Fail(const absl::Status& status, std::string_view name);

  // A heading with its number among all scenes.
  void Scene(std::string_view key);
  // A line of what happens.
  void Tell(std::string_view key, const std::vector<std::string>& arguments = {});
  // Tables.
  void Show(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows);
  void ShowRows(const google::protobuf::Message& message, std::string_view field);

  std::string Word(std::string_view key) const { return session_.Say(key); }

 private:
  const Session& session_;
  std::map<std::string, client::Client, std::less<>> clients_;
  absl::Status status_;
  int scene_ = 0;
};

// "1,234" units need no grouping here: plain digits, as every table of the program shows numbers.
inline std::string Digits(int64_t value) { return std::to_string(value); }

}  // namespace zhuxiao::cli
