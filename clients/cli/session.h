// What a running command has: where to read and write, how to reach the server, in which language to speak.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "clients/cli/catalogue.h"
#include "clients/cli/outcome.h"
#include "clients/cli/render.h"
#include "clients/cpp/client.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"

namespace zhuxiao::cli {

// The world around the program.
struct Environment {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
  std::function<std::string(const char*)> variable;  // value of an environment variable, or ""
  const base::Clock& clock;
  base::Random& random;
};

// The global options.
struct Globals {
  std::string server;
  std::string token;
  std::string tls_ca_pem;
  std::string tls_certificate_pem;
  std::string tls_key_pem;
  std::string request_id;  // of a write that repeats an earlier intent; empty mints a new one
  absl::Duration deadline = client::kDefaultDeadline;
  absl::Duration stream_patience = absl::InfiniteDuration();  // the deadline where one was asked for
  Language language = Language::kEnglish;
  bool is_json = false;
};

// One run of one command. Not thread-safe.
class Session {
 public:
  Session(const Environment& environment, Globals globals);

  const Environment& environment() const { return environment_; }
  const Globals& globals() const { return globals_; }
  const client::Client& client() const { return client_; }
  // A client with the token of somebody else.
  client::Client ClientFor(const std::string& token) const;

  std::string Say(std::string_view key) const { return cli::Say(globals_.language, key); }
  std::string Say(std::string_view key, const std::vector<std::string>& arguments) const {
    return cli::Say(globals_.language, key, arguments);
  }
  // A renderer that asks the server what a commodity is counted in.
  Renderer MakeRenderer() const;

  // Prints an answer, as a table or as JSON.
  void Print(const google::protobuf::Message& response) const;

  // Prints what a command did as one JSON object, for programs.
  void PrintJson(const google::protobuf::Struct& done) const;

  // Tells of an error, on stderr for people and on stdout as JSON for programs, and returns its exit code. Where the
  // outcome of a write is unknown, says with which request_id to repeat it.
  int Fail(const absl::Status& status, const std::string& request_id = "") const;

  // The same for mistakes in the command line: exit code 2.
  int FailUsage(const absl::Status& status) const;

 private:
  client::ClientOptions OptionsFor(const std::string& token) const;

  Environment environment_;
  Globals globals_;
  client::Client client_;
};

}  // namespace zhuxiao::cli
