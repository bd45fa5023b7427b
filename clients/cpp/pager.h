// Walks the pages of a list method.
#pragma once

#include <utility>

#include "clients/cpp/client.h"

namespace zhuxiao::client {

// Reads page after page of one query. Not thread-safe; `client` outlives it.
//   Pager<ListListingsResponse, ListListingsRequest> pager(client, request);
//   while (!pager.done()) { auto page = pager.Next(); if (!page.ok()) ...; }
template <typename Response, typename Request>
class Pager {
 public:
  Pager(const Client& client, Request request) : client_(client), request_(std::move(request)) {}

  // True once the last page was read. A page may be empty though more follow.
  bool done() const { return done_; }

  // The next page. After an error the same page is asked for again. Requires !done().
  absl::StatusOr<Response> Next() {
    absl::StatusOr<Response> page = client_.Call<Response>(request_);
    if (!page.ok()) return page;
    request_.set_page_token(page->next_page_token());
    done_ = page->next_page_token().empty();
    return page;
  }

 private:
  const Client& client_;
  Request request_;
  bool done_ = false;
};

}  // namespace zhuxiao::client
