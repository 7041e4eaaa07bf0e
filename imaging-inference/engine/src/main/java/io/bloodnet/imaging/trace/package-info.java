/** When the steps of an order began and ended, for whoever wants to know where its time goes. */
@NullMarked
package io.bloodnet.imaging.trace;

import org.jspecify.annotations.NullMarked;
