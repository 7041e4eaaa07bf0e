@NullMarked
package io.bloodnet.sandbox.pacs;

import org.jspecify.annotations.NullMarked;
