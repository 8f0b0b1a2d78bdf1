<?php // SPDX-License-Identifier: Apache-2.0
// The same policies for callers with a UsernameToken alone.
const SECURED = true;
require __DIR__ . '/server.php';
