import qrcode from 'qrcode-generator'

/** Empty modules around the code (ISO/IEC 18004 asks for four). */
const QUIET = 4

/** A QR code of a text, dark on light in both themes, because not every camera reads the reverse. */
export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  const rows = Array.from({ length: count }, (_, i) => i)
  const dark = rows.flatMap(y =>
    rows.filter(x => code.isDark(y, x)).map(x => `M${x + QUIET} ${y + QUIET}h1v1h-1z`),
  )
  const size = count + 2 * QUIET
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`}>
      <rect class="light-field" width={size} height={size} />
      <path class="dark-field" d={dark.join('')} />
    </svg>
  )
}
