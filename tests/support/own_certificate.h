// A certificate of 127.0.0.1 that signs itself.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/scratch_directory.h"

namespace zhuxiao::testing {

// It and its key in PEM files, which are there as long as the object.
class OwnCertificate {
 public:
  OwnCertificate() {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=zhuxiao"
        " -addext subjectAltName=IP:127.0.0.1 -keyout " +
        key_file() + " -out " + certificate_file() + " 2>/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
  }
  std::string certificate_file() const { return directory_.path() + "/tls.crt"; }
  std::string key_file() const { return directory_.path() + "/tls.key"; }

 private:
  ScratchDirectory directory_;
};

}  // namespace zhuxiao::testing
