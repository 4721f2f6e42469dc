"""Rotas by machine: a quick draft (`greedy`), the best by HiGHS (`decomposed`), both measured by `objective`."""
