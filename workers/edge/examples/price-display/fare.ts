/** What a traveller is shown of a fare. Pure. */

/** Amounts in the currency's own unit, not in cents. */
export interface Fare {
  readonly currency: string;
  readonly base: number;
  readonly taxes: number;
  readonly bag: number;
  readonly seat: number;
}

/** How the flags have it shown. */
export interface Display {
  /** One price for fare, bag and seat, instead of a line for each. */
  readonly bundled: boolean;
  readonly rounded: boolean;
  readonly includeTaxes: boolean;
}

export interface ShownPrice {
  readonly currency: string;
  readonly total: number;
  readonly lines: readonly { readonly label: string; readonly amount: number }[];
}

export function showFare({ currency, base, taxes, bag, seat }: Fare, display: Display): ShownPrice {
  const amount = (value: number): number => (display.rounded ? Math.round(value) : Math.round(value * 100) / 100);
  const flight = display.includeTaxes ? base + taxes : base;
  const total = amount(flight + bag + seat);
  const lines = display.bundled
    ? [{ label: 'Flight, bag and seat', amount: total }]
    : [
        { label: display.includeTaxes ? 'Flight, taxes included' : 'Flight, plus taxes', amount: amount(flight) },
        { label: 'Bag', amount: amount(bag) },
        { label: 'Seat', amount: amount(seat) },
      ];
  return { currency, total, lines };
}
